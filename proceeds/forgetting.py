"""Forgetting on this floor: what a member brought and earned is the cooperative's book too, so it is settled and kept."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from cooperative import cooperatives, members
from cooperative.keepers import Keeper
from cooperative.people import Person
from ground import tenants
from ground.words import _
from ledger import books, history
from ledger.accounts import Account
from ledger.chart import CHART


def hinders(session: Session, person: Person) -> list[str]:
    """Any account kept for the member that is not at nought: owed to them, or by them."""
    found = []
    for member in members.memberships_of(session, person.id):
        tenants.allow(session, member.cooperative_id)
        book = books.of_cooperative(session, member.cooperative_id)
        net = history.net_by_account(book).subquery()
        mine = (
            Account.cooperative_id == member.cooperative_id,
            Account.book_id == book.id,
            Account.owner_id == member.id,
        )
        left = session.execute(
            select(Account.code, net.c.minor).join(net, net.c.account_id == Account.id).where(*mine, net.c.minor != 0)
        ).all()
        house = cooperatives.find_many(session, [member.cooperative_id])[member.cooperative_id]
        found += [
            _("Money is still open at %(house)s: %(account)s.", house=house.name, account=CHART[code].name)
            for code, _minor in left
        ]
    return found


def forgets(session: Session, person: Person) -> None:
    """Nothing: a member's figures stand under their number in the cooperative's register."""


KEEPER = Keeper({}, hinders, forgets)
