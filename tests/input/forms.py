"""The table of forms: for every route that takes one, a body it accepts, and what kind of thing each field is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pyotp
from flask.testing import FlaskClient
from sqlalchemy import select

from cooperative import authenticators, links, roles
from cooperative.links import Purpose
from cooperative.passkeys import Passkey
from ground import clock
from ground.ids import new_id
from ledger import books
from proceeds.instructions import State
from storefront import cycles
from storefront.checkouts import How
from tests.cooperative.soft_key import SoftKey
from tests.input.kinds import (
    CHOICE,
    CODE,
    COUNT_FROM_NOUGHT,
    DAY,
    EMAIL,
    FREE,
    ID,
    LARGE,
    MINUTE,
    MONEY,
    MONEY_ABOVE,
    ONCE,
    PASSWORD,
    PHONE,
    QUANTITY,
    QUANTITY_FROM_NOUGHT,
    SEAL,
    SEEN,
    TEXT,
    TICK,
    VERSION,
    WHOLE,
    Kind,
)  # fmt: skip
from tests.makers import negatives
from tests.makers.cooperative import PASSWORD as WORD
from tests.pages.world import World
from tests.proceeds.reports import report

TOMORROW = str((clock.now() + timedelta(days=2)).date())
TODAY = str((clock.now() - timedelta(days=1)).date())
HIDDEN_ID, HIDDEN_FLAG = (
    Kind("id", ID.bad, hidden=True, id=True),
    Kind("flag", (*WHOLE.without("0").bad, "2"), hidden=True),
)


@dataclass
class Form:
    """A form ready to be sent. `strangers` are ids of another cooperative, by field; `path_ids` those of the address."""

    path: str
    fields: dict[str, tuple[Any, Kind]] = field(default_factory=dict)
    by: Any = "head"
    strangers: dict[str, str] = field(default_factory=dict)
    client: FlaskClient | None = None
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    wrong_files: tuple[bytes, ...] = ()
    elsewhere: bool = False
    """Whether it stands on another page than the one that is shown when it is refused."""


FORMS: dict[str, Callable[[World], Form]] = {}


def form(endpoint: str) -> Callable[[Callable[[World], Form]], Callable[[World], Form]]:
    def enter(make: Callable[[World], Form]) -> Callable[[World], Form]:
        FORMS[endpoint] = make
        return make

    return enter


def office(path: str, **fields: tuple[Any, Kind]) -> Form:
    return Form(f"/office/meru/{path}", {name.replace("__", "-"): pair for name, pair in fields.items()})


def once() -> tuple[str, Kind]:
    return str(new_id()), ONCE


# -- the sign-in door --------------------------------------------------------------------------------------------------


@form("sign_in.begin")
def _(w: World) -> Form:
    email = w.reader.email
    fields = {"email": (email, TEXT), "password": (WORD, PASSWORD), "code": ("", CODE.optional), "next": ("/me", FREE)}
    return Form("/sign-in", fields, by=None)


@form("languages.choose")
def _(w: World) -> Form:
    # The footer of every page holds it, so a strange choice is answered by the page for what cannot be done.
    return Form(
        "/language", {"language": ("sw", CHOICE.but("EN", "xx")), "next": ("/", FREE)}, by=w.reader, elsewhere=True
    )


@form("sign_in.leave")
def _(w: World) -> Form:
    return Form("/sign-out", by=w.reader)


@form("sign_in.confirmed")
def _(w: World) -> Form:
    return Form("/confirm", {"password": (WORD, PASSWORD), "next": ("/me", FREE)}, by=w.reader)


@form("me.end")
def _(w: World) -> Form:
    from cooperative import sessions

    other = sessions.start(w.session, w.reader, device="phone", address="127.0.0.1")[0]
    return Form(f"/me/sign-ins/{other.id}/ending", by=w.reader)


@form("me.end_others")
def _(w: World) -> Form:
    return Form("/me/sign-ins/endings", by=w.reader)


@form("letters.send")
def _(w: World) -> Form:
    wants = ("sign-in", Kind("choice", CHOICE.bad, hidden=True))
    return Form("/letter", {"email": (w.reader.email, EMAIL), "wants": wants}, by=None)


@form("letters.use")
def _(w: World) -> Form:
    key = links.make(w.session, Purpose.ACCOUNT, "new@example.org", None)[1]
    kind = PASSWORD.but("short", "password")
    fields = {"name": ("Neema Karisa", TEXT), "password": ("seventeen goats on a hill", kind)}
    return Form(f"/letter/{key}", fields, by=None)


@form("addresses.ask")
def _(w: World) -> Form:
    return Form("/me/address", {"email": ("moved@example.org", EMAIL.but(w.reader.email))}, by=w.reader)


@form("me.change_password")
def _(w: World) -> Form:
    new = "seventeen goats on a hill"
    again = PASSWORD.but("short", "another than the other one")
    return Form("/me/password", {"password": (new, PASSWORD), "again": (new, again)}, by=w.reader)


@form("me.offer_authenticator")
def _(w: World) -> Form:
    return Form("/me/authenticator", by=w.reader)


@form("me.adopt_authenticator")
def _(w: World) -> Form:
    secret = authenticators.offer(w.session, w.reader)
    kind = CODE.but("000000x", "abc", "-1", "NaN", "1e5", "0" * 20)
    return Form("/me/authenticator/proof", {"code": (pyotp.TOTP(secret).now(), kind)}, by=w.reader)


@form("me.drop_authenticator")
def _(w: World) -> Form:
    authenticators.offer(w.session, w.reader)
    return Form("/me/authenticator/removal", by=w.reader)


def _passkey(w: World, purpose: str) -> tuple[SoftKey, str, Any]:
    """A device with a passkey of the reader, the next question, and what is wrong with an answer to it."""
    from cooperative import passkeys
    from cooperative.challenges import Purpose

    place = passkeys.Place.of(w.app.config["PUBLIC_URL"])
    device = SoftKey(place.origin)
    question = passkeys.offer(w.session, w.reader, place, address="127.0.0.1")
    if purpose != Purpose.ADD:
        passkeys.add(w.session, w.reader, place, device.make(question), name="Phone")
        who = w.reader if purpose == Purpose.CONFIRM else None
        question = passkeys.ask(w.session, Purpose(purpose), place, address="127.0.0.1", person=who)
    return device, question, Kind("answer of a device", ("{}", "null", "[1]", "x" * 9_000, "{" * 3_000), hidden=True)


@form("passkeys.offer")
def _(w: World) -> Form:
    return Form("/me/passkeys/offers", by=w.reader)


@form("passkeys.add")
def _(w: World) -> Form:
    device, question, kind = _passkey(w, "add")
    return Form("/me/passkeys", {"credential": (device.make(question), kind)}, by=w.reader)


@form("passkeys.rename")
def _(w: World) -> Form:
    _passkey(w, "sign-in")
    (key,) = w.session.scalars(select(Passkey))
    return Form(f"/me/passkeys/{key.id}/name", {"name": ("My old phone", TEXT)}, by=w.reader)


@form("passkeys.remove")
def _(w: World) -> Form:
    _passkey(w, "sign-in")
    (key,) = w.session.scalars(select(Passkey))
    return Form(f"/me/passkeys/{key.id}/removal", by=w.reader)


@form("passkeys.ask")
def _(w: World) -> Form:
    return Form("/sign-in/passkeys/questions", by=None)


@form("passkeys.sign_in")
def _(w: World) -> Form:
    device, question, kind = _passkey(w, "sign-in")
    return Form("/sign-in/passkeys", {"credential": (device.sign(question), kind), "next": ("/me", FREE)}, by=None)


@form("passkeys.ask_again")
def _(w: World) -> Form:
    return Form("/confirm/passkeys/questions", by=w.reader)


@form("passkeys.confirm")
def _(w: World) -> Form:
    device, question, kind = _passkey(w, "confirm")
    fields = {"credential": (device.sign(question), kind), "next": ("/me", FREE)}
    return Form("/confirm/passkeys", fields, by=w.reader)


@form("erasures.ask")
def _(w: World) -> Form:
    return Form("/me/data/erasures", by=w.make.person())


@form("erasures.withdraw")
def _(w: World) -> Form:
    from cooperative import erasures

    leaver = w.make.person()
    erasures.ask(w.session, leaver, ())
    return Form("/me/data/erasures/withdrawal", by=leaver)


@form("invitations.accept")
def _(w: World) -> Form:
    kind = PASSWORD.but("short", "password")
    fields = {"name": ("Neema Karisa", TEXT), "password": ("seventeen goats on a hill", kind)}
    return Form(f"/invitations/{w.invitation()}", fields, by=None)


# -- the buyer's door --------------------------------------------------------------------------------------------------


@form("baskets.add")
def _(w: World) -> Form:
    quantity = WHOLE.but("100001").optional
    fields = {
        "cooperative": (str(w.house.id), HIDDEN_ID), "pack": (str(w.maize.id), HIDDEN_ID), "quantity": ("2", quantity),
        "take": ("", quantity),
    }  # fmt: skip
    strangers = {"cooperative": str(w.other.id), "pack": str(w.mango.id)}
    return Form("/basket/lines", fields, strangers=strangers, client=w.guest_with_basket(), elsewhere=True)


@form("baskets.change")
def _(w: World) -> Form:
    quantity = WHOLE.but("100001")
    fields = {"quantity": ("3", quantity), "take": ("", quantity.optional)}
    return Form(f"/basket/lines/{w.maize.id}", fields, client=w.guest_with_basket())


@form("baskets.remove")
def _(w: World) -> Form:
    return Form(f"/basket/lines/{w.maize.id}/removal", {"quantity": ("2", FREE)}, client=w.guest_with_basket())


@form("baskets.accept")
def _(w: World) -> Form:
    return Form("/basket/prices", client=w.guest_with_basket())


@form("baskets.add_voucher")
def _(w: World) -> Form:
    w.make.voucher(w.house, "KARIBU", "5")
    w.session.commit()
    return Form("/basket/vouchers", {"code": ("karibu", TEXT)}, client=w.guest_with_basket())


@form("baskets.remove_voucher")
def _(w: World) -> Form:
    client = w.guest_with_basket()
    w.make.voucher(w.house, "ASANTE", "5")
    w.session.commit()
    client.post("/basket/vouchers", data={"code": "ASANTE"}, headers={"Sec-Fetch-Site": "same-origin"})
    return Form(f"/basket/vouchers/{w.house.id}/removal", client=client)


@form("baskets.choose")
def _(w: World) -> Form:
    fields = {f"window-{w.house.id}": (str(w.window.id), ID)}
    strangers = {f"window-{w.house.id}": str(w.other_window.id)}
    return Form("/basket/windows", fields, strangers=strangers, client=w.guest_with_basket())


@form("checkout.place")
def _(w: World) -> Form:
    hidden_sum = Kind("sum", (*LARGE.bad, str(2**31), "9999", "0"), hidden=True)
    fields = {
        "name": ("Amina Yusuf", TEXT), "email": ("amina@example.org", EMAIL), "phone": ("0712345678", PHONE.optional),
        "how": ("collection", CHOICE), "expected_minor": ("10000", hidden_sum), "once": once(),
        "currency": ("KES", Kind("currency", ("XXX", "kes", "KESS", "UGX", "5"), hidden=True)),
        f"window-{w.house.id}": (str(w.window.id), ID), "address": ("", TEXT.optional),
    }  # fmt: skip
    strangers = {f"window-{w.house.id}": str(w.other_window.id)}
    return Form("/checkout", fields, client=w.guest_with_basket(), strangers=strangers)


@form("orders.withdraw")
def _(w: World) -> Form:
    order = w.order()
    return Form(f"/orders/{w.token}/parts/{order.id}/cancellation", by=None)


@form("changes.make")
def _(w: World) -> Form:
    order = w.order(packs=4)
    pack = order.lines[0].pack_id
    hidden_sum = Kind("sum", (*LARGE.bad, str(2**31), "9999", "0"), hidden=True)
    fields = {f"quantity-{pack}": ("2", COUNT_FROM_NOUGHT), "expected_minor": ("10000", hidden_sum), "once": once()}
    return Form(f"/orders/{w.token}/parts/{order.id}/change", fields, by=None)


@form("complaints.make")
def _(w: World) -> Form:
    order = w.order(collected=True)
    stranger = w.order(collected=True).lines[0].id
    token = w.till.token_of(order.checkout_id)
    fields = {
        "line": (str(order.lines[0].id), ID), "kind": ("spoiled", CHOICE), "quantity": ("2", WHOLE.but("5", "100001")),
        "words": ("Weevils in\nthe bag", TEXT.but("no")), "once": once(),
    }  # fmt: skip
    where = f"/orders/{token}/parts/{order.id}/complaint"
    return Form(where, fields, by=None, strangers={"line": str(stranger)})


@form("again.refill")
def _(w: World) -> Form:
    w.order()
    return Form(f"/orders/{w.token}/again", by=None)


@form("sandbox.pay")
def _(w: World) -> Form:
    return Form(w.provider_page(), {"card": ("4242 4242 4242 4242", TEXT)}, by=None)


@form("sandbox.bank")
def _(w: World) -> Form:
    page = w.provider_page()
    assert w.send(w.browser(), page, card="4000 0025 0000 3155").status_code == 303
    return Form(f"{page}/bank", {"agreed": ("yes", TICK)}, by=None)


# -- goods -------------------------------------------------------------------------------------------------------------


@form("deliveries.record")
def _(w: World) -> Form:
    sent = office(
        "deliveries/", once=once(), number=("101", WHOLE.but("201", "999999")),
        what=(f"{w.pool.id}:A", Kind("grade of a pool", (f"{w.pool.id}:C", f"{w.pool.id}", f"{w.other_pool}:A", "abc", ":"))),
        point=(str(w.point.id), ID), gross=("40.5", QUANTITY), tare=("0.5", QUANTITY_FROM_NOUGHT.but("41").optional),
    )  # fmt: skip
    sent.strangers = {"point": str(w.other_point.id)}
    return sent


ABOUT = {
    "description": ("Dry and sorted.\nTwice.", TEXT.optional), "storage": ("Cool", TEXT.optional),
    "allergens": ("None", TEXT.optional), "keeps_days": ("90", WHOLE.but("3651").optional),
}  # fmt: skip
CERTIFIERS = {
    "certifier_organic": ("Kilimohai KE-118", TEXT.optional), "certifier_fair_trade": ("Flocert 1", TEXT.optional),
    "certifier_rainforest": ("RA 7", TEXT.optional), "certifier_good_practice": ("KS 1758", TEXT.optional),
}  # fmt: skip
GRADES = TEXT.but("A:B", ",".join(f"G{n}" for n in range(30)), "a grade with a very long name indeed", ",", " , ,")


@form("products.add")
def _(w: World) -> Form:
    return office(
        "products/", once=once(), name=("Green grams", TEXT), kind=("pulses and nuts", CHOICE), unit=("g", CHOICE.but("kg")),
        grades=("A, B", GRADES), **ABOUT,
    )  # fmt: skip


@form("products.change")
def _(w: World) -> Form:
    return office(
        f"products/{w.beans.slug}", version=(str(w.beans.version), VERSION), kind=("pulses and nuts", CHOICE),
        grades=("A, B, C", GRADES), tax_class=("exempt", CHOICE.optional), **ABOUT, **CERTIFIERS,
    )  # fmt: skip


@form("products.translate")
def _(w: World) -> Form:
    return office(
        f"products/{w.beans.slug}/words", language=("sw", CHOICE), said_name=("Maharagwe", TEXT.optional),
        said_description=("Makavu.\nYamechambuliwa.", TEXT.optional), said_storage=("Mahali pakavu", TEXT.optional),
        said_allergens=("Hakuna", TEXT.optional),
    )  # fmt: skip


@form("products.listing")
def _(w: World) -> Form:
    return office(f"products/{w.beans.slug}/listing", listed=("1", HIDDEN_FLAG))


@form("products.add_photo")
def _(w: World) -> Form:
    sent = office(f"products/{w.beans.slug}/photo", alt=("Beans in a basin", TEXT))
    good = negatives.photograph()
    sent.files = {"photo": ("beans.jpg", good)}
    sent.wrong_files = (
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + b"\0" * 99,
        good[:300],
        negatives.bomb(),
    )
    return sent


@form("products.remove_photo")
def _(w: World) -> Form:
    return office(f"products/{w.beans.slug}/photo/removal")


@form("products.add_pack")
def _(w: World) -> Form:
    sent = office(
        f"products/{w.beans.slug}/packs", once=once(), pack_name=("1 kg bag", TEXT), content=("1", QUANTITY),
        grade=("A", TEXT.but("C", "a")), point=(str(w.point.id), ID), sku=("BEANS-1", TEXT.optional),
    )  # fmt: skip
    sent.strangers = {"point": str(w.other_point.id)}
    return sent


@form("products.pack_listing")
def _(w: World) -> Form:
    return office(f"products/maize/packs/{w.maize.id}/listing", listed=("0", HIDDEN_FLAG))


@form("prices.set")
def _(w: World) -> Form:
    above = WHOLE.without(str(2**31))
    return office(
        f"prices/{w.maize.id}", rung__1__from=("1", above), rung__1__price=("55", MONEY_ABOVE.without("0", "0.00")),
        rung__2__from=("10", above.but("1")), rung__2__price=("44.50", MONEY), mode=("all_units", CHOICE),
        counted_on=("pack", CHOICE), mix_group=("", TEXT.optional), quantity_min=("1", above.optional),
        quantity_max=("500", above.optional), increment=("1", above.optional), version=("1", VERSION),
    )  # fmt: skip


@form("prices.seed")
def _(w: World) -> Form:
    sent = office(
        "prices/seeds", once=once(), point=(str(w.point.id), ID), commodity__1=(w.quote, TEXT.but("Gold", "-1", "NaN"))
    )
    sent.strangers = {"point": str(w.other_point.id)}
    return sent


@form("pools.open")
def _(w: World) -> Form:
    sent = office(
        "pools/", once=once(), product_id=(str(w.beans.id), ID), season=("Long rains", TEXT), advance=("10", MONEY.optional),
        basis=("agent", CHOICE.optional),
    )  # fmt: skip
    sent.strangers = {"product_id": str(w.mango.product_id)}
    return sent


@form("windows.add")
def _(w: World) -> Form:
    place = Kind(
        "place", (f"point:{w.other_point.id}", "point:", "zone:abc", "abc", str(w.point.id), f"zone:{w.point.id}")
    )
    return office(
        "windows/", once=once(), place=(f"point:{w.point.id}", place), day=(str((clock.now() + timedelta(days=4)).date()), DAY),
        **{"from": ("08:00", MINUTE)}, until=("12:00", MINUTE.but("08:00", "07:00")),
        cut_off_days=("2", COUNT_FROM_NOUGHT.but("15")), cut_off_time=("18:00", MINUTE), capacity=("40", WHOLE.but("10001")),
        weekly=("1", TICK),
    )  # fmt: skip


@form("windows.close")
def _(w: World) -> Form:
    return office(f"windows/{w.window.id}/closing")


@form("windows.end")
def _(w: World) -> Form:
    return office(f"windows/rules/{w.make.weekly(w.house, point=w.point).id}/end")


@form("windows.add_zone")
def _(w: World) -> Form:
    return office("windows/zones", once=once(), zone_name=("Nairobi west", TEXT), places=("Kilimani", TEXT))


@form("cycles.add")
def _(w: World) -> Form:
    return office("cycles/", once=once(), name=("May", TEXT), **_cycle(w))


@form("cycles.change")
def _(w: World) -> Form:
    return office(f"cycles/{cycles.add(w.session, w.house.id, name='May').id}", **_cycle(w))


@form("cycles.copy")
def _(w: World) -> Form:
    return office(f"cycles/{cycles.add(w.session, w.house.id, name='May').id}/copy", once=once())


def _cycle(w: World) -> dict[str, Any]:
    return {
        "opens": (TODAY, DAY.optional), "opens_time": ("08:00", MINUTE.optional),
        "closes": (TOMORROW, DAY.optional.but("2000-01-01")), "closes_time": ("18:00", MINUTE.optional),
        "sells": ("retail", CHOICE), f"goods-{w.maize.product_id}": ("1", TICK),
    }  # fmt: skip


@form("stock.change")
def _(w: World) -> Form:
    return office(
        f"stock/{w.maize.heap_id}/changes", once=once(), sign=("less", CHOICE), change=("5", QUANTITY),
        kind=("spoil", CHOICE.but("sell", "receive")), reason=("Weevils", TEXT),
    )  # fmt: skip


@form("stock.count")
def _(w: World) -> Form:
    seen = Kind("figure seen", (*LARGE.bad, "899999"), hidden=True)
    return office(
        f"stock/{w.maize.heap_id}/counts", once=once(), counted=("890", QUANTITY_FROM_NOUGHT), seen=("900000", seen)
    )


@form("stock.oversell")
def _(w: World) -> Form:
    return office(f"stock/{w.maize.heap_id}/oversell", oversell=("20", QUANTITY_FROM_NOUGHT))


# -- people ------------------------------------------------------------------------------------------------------------


@form("members.enrol")
def _(w: World) -> Form:
    sent = office(
        "members/", once=once(), name=("Agnes Kagendo", TEXT.but("A")), phone=("0712 345 678", PHONE.optional),
        number=("103", WHOLE.but("101").optional), joined_on=(TODAY, DAY.but(TOMORROW)),
        group_id=(str(w.make.group(w.house).id), ID.optional),
    )  # fmt: skip
    sent.strangers = {"group_id": str(w.make.group(w.other).id)}
    return sent


@form("members.form_group")
def _(w: World) -> Form:
    taken = w.make.group(w.house, "Umoja").name
    return office(
        "members/groups", group_name=("Tuinuane", TEXT.but(taken)), members_least=("20", WHOLE),
        members_most=("25", WHOLE.but("19")),
    )  # fmt: skip


@form("members.join_group")
def _(w: World) -> Form:
    sent = office("members/101/group", group_id=(str(w.make.group(w.house).id), ID.optional))
    sent.strangers = {"group_id": str(w.make.group(w.other).id)}
    return sent


@form("members.change_destination")
def _(w: World) -> Form:
    return office(
        "members/101/destinations", rail=("bank", CHOICE), holder=("Mercy Kendi", TEXT.but("M")),
        bank_code=("KCBLKENX", TEXT.but("abc", "KCB", "١٢", "KCBLKENX0", "-1")),
        account=("1180012345", TEXT.but("<>", "1e999!", "%", "a;b")), seen=("", SEEN),
    )  # fmt: skip


@form("members.invite")
def _(w: World) -> Form:
    return office("members/102/invitations", email=("julius@example.org", EMAIL))


@form("shares.subscribe")
def _(w: World) -> Form:
    return office("shares/members/101", shares=("2", WHOLE), once=once())


@form("shares.approve")
def _(w: World) -> Form:
    made = w.make.shares_of(w.member, 1, by=w.second)
    return office(f"shares/{made.id}/approval")


@form("people.invite")
def _(w: World) -> Form:
    return office("people/invitations", email=("new@example.org", EMAIL), role=("collector", CHOICE.but("operator")))


@form("people.grant")
def _(w: World) -> Form:
    sent = office("people/grants", person_id=(str(w.second.id), ID), role=("collector", CHOICE.but("operator")))
    sent.strangers = {"person_id": str(w.neighbour.id)}
    return sent


@form("people.withdraw")
def _(w: World) -> Form:
    grant = next(row for row in roles.live_in(w.session, w.house.id) if row.person_id == w.second.id)
    return office(f"people/grants/{grant.id}/withdrawal")


DAYS = COUNT_FROM_NOUGHT.but("366", "3651")


@form("companies.approve")
def _(w: World) -> Form:
    return office(
        "companies/", name=("Nyota Ltd", TEXT.but("N")), registration_no=("PVT-1", TEXT.but("P")), net_days=("30", DAYS),
        credit_limit=("5000", MONEY),
    )  # fmt: skip


@form("companies.change")
def _(w: World) -> Form:
    company = w.make.company("Nyota Ltd")
    w.make.trade_terms(w.house, company, by=w.second)
    return office(f"companies/{company.id}/terms", net_days=("14", DAYS), credit_limit=("6000", MONEY))


PERCENT = Kind(
    "percent",
    ("1_000", "+5", "1e3", "1,5", "NaN", "-1", "0", "0.00", "100.01", "101", "2.555", "abc", "½", "16 %"),
    needed=False,
)


@form("fees.add")
def _(w: World) -> Form:
    return office(
        "fees/", once=once(), name=("Packing", TEXT.but("P")), kind=("packing", CHOICE), basis=("order", CHOICE),
        amount=("50", MONEY_ABOVE), percent=("", PERCENT), more=("", MONEY.optional), threshold=("", MONEY.optional),
        items_most=("", WHOLE.optional), carrier=("", TEXT.optional), tax=("exempt", CHOICE), gives=("", TICK),
        starts_on=("", DAY.optional),
    )  # fmt: skip


@form("fees.change")
def _(w: World) -> Form:
    fee = w.make.fee(w.house, "50")
    return office(
        f"fees/{fee.id}/versions", once=once(), amount=("60", MONEY_ABOVE), percent=("", PERCENT),
        starts_on=("", DAY.optional),
    )  # fmt: skip


@form("fees.end")
def _(w: World) -> Form:
    return office(f"fees/{w.make.fee(w.house, '50').id}/ending")


@form("vouchers.make")
def _(w: World) -> Form:
    sent = office(
        "vouchers/", code=("KARIBU", TEXT.but("AB", "A B C", "KARIBU!")), amount=("20", MONEY_ABOVE), percent=("", PERCENT),
        least=("100", MONEY.optional), uses_most=("10", WHOLE.optional), uses_most_each=("1", WHOLE.optional),
        ends_on=(TOMORROW, DAY.but("2020-01-01").optional), product=(str(w.beans.id), ID.optional),
    )  # fmt: skip
    sent.strangers = {"product": str(w.mango.product_id)}
    return sent


@form("vouchers.stop")
def _(w: World) -> Form:
    return office(f"vouchers/{w.make.voucher(w.house, 'KARIBU', '5').id}/stopping")


@form("taxes.adopt")
def _(w: World) -> Form:
    return office(
        "taxes/", once=once(), name=("VAT", TEXT), mode=("line", CHOICE), registered=("1", TICK), prices_include=("1", TICK),
        number=("P051", TEXT.optional), standard=("16", PERCENT), reduced=("8", PERCENT), effective_from=(TODAY, DAY),
        source=("VAT Act 2013", TEXT.but("no")),
    )  # fmt: skip


# -- sales -------------------------------------------------------------------------------------------------------------


@form("office_orders.pick")
def _(w: World) -> Form:
    return office(f"orders/{w.order().number}/picking")


@form("office_orders.collect")
def _(w: World) -> Form:
    cash = MONEY.but("199.99", "200.01", "0")
    return office(f"orders/{w.order(picked=True).number}/collection", cash=("200", cash))


@form("office_orders.cancel")
def _(w: World) -> Form:
    return office(f"orders/{w.order().number}/cancellation", reason=("The buyer asked", TEXT.but("no")))


@form("office_complaints.answer")
def _(w: World) -> Form:
    return office(
        f"complaints/{w.complaint().id}/answer", once=once(), outcome=("refunded", CHOICE),
        quantity=("1", WHOLE.but("5", "100001")), amount=("", MONEY_ABOVE.but("5").optional),
        words=("We are\nsorry", TEXT.but("no")),
    )  # fmt: skip


@form("invoices.receive")
def _(w: World) -> Form:
    return office(
        f"invoices/{w.invoice.number}/receipts", reference=("FT26327KQ41", TEXT), amount=("50", MONEY_ABOVE),
        received_on=(TODAY, DAY.but(TOMORROW)),
    )  # fmt: skip


@form("refunds.give")
def _(w: World) -> Form:
    order = w.order(collected=True)
    return office(
        f"orders/{order.number}/lines/{order.lines[0].id}/refund", amount=("3", MONEY_ABOVE.but("200.01", "999999")),
        reason=("One bag was torn", TEXT.but("no")), once=once(),
    )  # fmt: skip


@form("refunds.try_again")
def _(w: World) -> Form:
    order = w.order(How.CARD, picked=True)
    return office(f"orders/{order.number}/refunds/{w.failed_refund(order).id}/attempts")


# -- money out ---------------------------------------------------------------------------------------------------------


@form("settlements.adopt")
def _(w: World) -> Form:
    return office(
        "settlements/bylaw", once=once(), source=("General meeting, minute 7", TEXT.but("no")), version=("0", VERSION)
    )


@form("settlements.draft")
def _(w: World) -> Form:
    season = w.make.season(w.house, by=w.second, product="Sorghum white")
    sent = office("settlements/", pool_id=(str(season.pool.id), ID))
    sent.strangers = {"pool_id": str(w.other_pool)}
    return sent


@form("settlements.record")
def _(w: World) -> Form:
    return office(
        f"settlements/{w.settlement().id}/costs",
        cost__transport=("120", MONEY.optional),
        cost__handling=("", MONEY.optional),
        version=("0", VERSION),
    )


@form("settlements.approve")
def _(w: World) -> Form:
    settlement = w.settlement()
    return office(f"settlements/{settlement.id}/approval", seen=(w.seal(settlement), SEAL))


@form("settlements.close")
def _(w: World) -> Form:
    from proceeds import closings

    settlement = w.settlement()
    closings.approve(w.session, settlement, w.seal(settlement), by=w.head.id)
    return office(f"settlements/{settlement.id}/closing")


@form("payouts.account")
def _(w: World) -> Form:
    return office(
        "payouts/account", once=once(), holder=("Meru Highlands", TEXT), bank_code=("KCBLKENX", TEXT.but("abc", "KCB", "١٢")),
        account=("1180012345", TEXT.but("<>", "%", "a;b")), seen=("", SEEN),
    )  # fmt: skip


@form("payouts.make")
def _(w: World) -> Form:
    w.owed()
    return office("payouts/", once=once())


@form("payouts.approve")
def _(w: World) -> Form:
    run = w.run()
    return office(f"payouts/{run.id}/approval", seen=(run.payments_sha256, SEAL))


@form("payouts.send")
def _(w: World) -> Form:
    return office(f"payouts/{w.run(approved=True).id}/sending")


@form("payouts.cancel")
def _(w: World) -> Form:
    return office(f"payouts/{w.run().id}/cancellation")


@form("payouts.sign")
def _(w: World) -> Form:
    run = w.run(sent=True)
    sent = office(f"payouts/{run.id}/signatures")
    sent.fields[f"line-{w.line(run, 'cash').id}"] = ("paid", CHOICE.but("settled", "Paid").optional)
    return sent


@form("payouts.answer")
def _(w: World) -> Form:
    run = w.run(sent=True)
    from proceeds import batches

    batch = next(batch for batch in batches.of_run(w.session, w.house.id, run.id) if batch.rail.value == "bank")
    good = report(batch.message_id, {w.line(run, "bank").reference: "ACSC"})
    sent = office(f"payouts/{run.id}/answers")
    sent.files = {"file": ("answer.xml", good)}
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    sent.wrong_files = (
        b"", b"\x89PNG\r\n\x1a\n" + b"\0" * 99, b"name,amount\n1,2\n", b"<html></html>", bomb, good[:-30], b"\xff" * 50,
        b"%PDF-1.7", report("another-file", {"R9-1-1": "ACSC"}),
    )  # fmt: skip
    return sent


@form("payouts.send_again")
def _(w: World) -> Form:
    from proceeds import batches

    run = w.run(sent=True)
    w.monkeypatch.setattr(batches, "QUIET", timedelta(seconds=-5))  # The bank's hours of silence are over.
    assert batches.no_answer(w.session, books.of_cooperative(w.session, w.house.id)) == 1
    return office(f"payouts/{run.id}/silence")


@form("payouts.came_back")
def _(w: World) -> Form:
    run = w.run(sent=True)
    line = w.sign(run, State.SETTLED)
    return office(f"payouts/{run.id}/returns/{line.id}", words=("The envelope came back", TEXT.but("no")))


@form("payouts.retry")
def _(w: World) -> Form:
    run = w.run(sent=True)
    w.sign(run, State.FAILED)
    return office(f"payouts/{run.id}/retries")


@form("remittances.make")
def _(w: World) -> Form:
    w.operator_owes()
    return Form("/office/good-measure/remittances/", {"once": once()}, by=w.clerk)


@form("provider_payouts.record")
def _(w: World) -> Form:
    w.operator_owes()
    fields = {
        "reference": ("po_1", TEXT),
        "amount": ("20", MONEY_ABOVE.but("51")),
        "received_on": (TODAY, DAY.but(TOMORROW)),
    }
    return Form("/office/good-measure/provider-payouts/", fields, by=w.clerk)
