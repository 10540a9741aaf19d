"""What stands around an office page: the cooperative's name and colour, and the tasks of whoever sits here."""

from __future__ import annotations

from typing import Any

from flask import g, url_for

from cooperative.roles import Role

ROLE_WORDS = {
    Role.MANAGER: "manager", Role.TREASURER: "treasurer", Role.COLLECTOR: "collector", Role.OPERATOR: "operator",
}  # fmt: skip

TASKS = (
    ("desk", "Today", "desk.show", "layout-dashboard", (Role.MANAGER, Role.TREASURER, Role.COLLECTOR, Role.OPERATOR)),
    ("deliveries", "Weigh in", "deliveries.index", "scale", (Role.COLLECTOR, Role.MANAGER)),
    ("orders", "Orders", "office_orders.index", "package", (Role.MANAGER, Role.COLLECTOR)),
    ("stock", "Stock", "stock.index", "store", (Role.MANAGER, Role.COLLECTOR)),
    ("windows", "Collection", "windows.index", "clock", (Role.MANAGER, Role.COLLECTOR)),
    ("complaints", "Complaints", "office_complaints.index", "message-square", (Role.MANAGER, Role.TREASURER)),
    ("products", "Products", "products.index", "tag", (Role.MANAGER,)),
    ("prices", "Prices", "prices.index", "chart-column", (Role.MANAGER,)),
    ("fees", "Fees", "fees.index", "banknote", (Role.MANAGER, Role.TREASURER)),
    ("vouchers", "Vouchers", "vouchers.index", "tag", (Role.MANAGER, Role.TREASURER)),
    ("pools", "Pools", "pools.index", "scale", (Role.MANAGER, Role.TREASURER)),
    ("settlements", "Settlement", "settlements.index", "file-pen-line", (Role.MANAGER, Role.TREASURER)),
    ("payouts", "Payouts", "payouts.index", "banknote", (Role.MANAGER, Role.TREASURER)),
    ("invoices", "Invoices", "invoices.index", "file-up", (Role.MANAGER, Role.TREASURER)),
    ("members", "Members", "members.register", "users", (Role.MANAGER, Role.TREASURER, Role.COLLECTOR)),
    ("shares", "Shares", "shares.show", "piggy-bank", (Role.MANAGER, Role.TREASURER)),
    ("companies", "Buyers", "companies.show", "truck", (Role.MANAGER, Role.TREASURER)),
    ("provider_payouts", "Card money", "provider_payouts.index", "smartphone", (Role.OPERATOR,)),
    ("remittances", "Remittances", "remittances.index", "banknote", (Role.OPERATOR,)),
    ("alarms", "Alarms", "alarms.index", "triangle-alert", (Role.OPERATOR,)),
    ("people", "People", "people.show", "user-round", (Role.MANAGER, Role.OPERATOR)),
    ("trail", "Who did what", "trail.show", "clock", (Role.MANAGER, Role.TREASURER, Role.OPERATOR)),
)  # fmt: skip
"""Every task: its key, its words, its page, its icon, and who does it. The page asks the guard again; this only spares a walk."""


def around() -> dict[str, Any]:
    """For the office layout; nothing where nobody is inside an office."""
    where = g.get("here")
    base = {"home_url": "/", "account_url": url_for("me.show"), "sign_out_url": url_for("sign_in.leave")}
    if where is None or where.cooperative is None or not where.roles:
        return base
    coop = where.cooperative.slug
    nav = [
        (key, words, url_for(page, coop=coop), icon, 0)
        for key, words, page, icon, roles in TASKS
        if where.roles & set(roles)
    ]
    return base | {
        "cooperative": where.cooperative,
        "nav": nav,
        "person_role": ", ".join(words for role, words in ROLE_WORDS.items() if role in where.roles),
    }
