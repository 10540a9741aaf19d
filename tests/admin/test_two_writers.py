"""Two people write the same words, prices, rules, costs or accounts: the second sees both, keeps theirs, and chooses."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from cooperative import bylaws, destinations
from ground.ids import NOBODY
from inventory import ladders, price_lists, products
from inventory.ladders import LadderForm
from proceeds import bank_accounts, settlements
from proceeds.settlements import Settlement

BOXES = re.compile(r'<input type="hidden" name="(version|seen|once)" value="([^"]*)"')


class Writer:
    """Somebody at the office who opened a page, and sends its form later with the hidden boxes as they stood then."""

    def __init__(self, app: Any, make: Any, house: Any, name: str) -> None:
        self.browser = app.test_client()
        self.browser.set_cookie("gm-session", make.sign_in(make.staff(house, "manager", name=name)))
        self.browser.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
        self.base = f"/office/{house.slug}/"

    def boxes(self, text: str, action: str) -> dict[str, str]:
        form = (
            text.partition(f'action="{self.base}{action}"')[2] or text.partition('<form method="post" class="panel')[2]
        )
        return dict(BOXES.findall(form.partition("</form>")[0]))

    def opens(self, page: str, action: str) -> dict[str, str]:
        return self.boxes(self.browser.get(self.base + page).text, action)

    def sends(self, action: str, **form: str) -> Any:
        return self.browser.post(self.base + action, data={name.replace("__", "-"): form[name] for name in form})


@pytest.fixture
def meru(make):
    return make.cooperative("Meru Highlands", slug="meru")


@pytest.fixture
def two(app, session, make, meru):
    """Wanjiru and Kiprop, in browsers of their own."""
    found = Writer(app, make, meru, "Wanjiru"), Writer(app, make, meru, "Kiprop")
    session.commit()
    return found


def overtaken(
    two: tuple[Writer, Writer], session: Any, page: str, action: str, first: dict[str, str], second: dict[str, str]
):
    """Both open the page; the first saves; the second is told, keeps what they typed, and saves again. Answers their page."""
    session.commit()
    one, other = two
    ours, theirs = one.opens(page, action), other.opens(page, action)
    assert ours.keys() & {"version", "seen"}
    assert one.sends(action, **first, **ours).status_code == 303
    late = other.sends(action, **second, **theirs)
    assert late.status_code == 409
    anew = other.boxes(late.text, action)
    if anew:
        assert other.sends(action, **second, **anew).status_code == 303
    return late.text


WORDS = {"kind": "cereals and tubers", "grades": "A, B", "storage": "", "allergens": "", "keeps_days": ""}


@pytest.mark.case("attack:A142")
def test_of_two_who_write_a_products_words_the_second_sees_both(session, make, meru, two):
    maize = make.product("Maize", cooperative=meru)
    page = overtaken(
        two, session, "products/maize", "products/maize", WORDS | {"description": "Dried in the sun"},
        WORDS | {"description": "Sweet and white"},
    )  # fmt: skip
    assert "Meanwhile somebody else wrote: Dried in the sun" in page and ">Sweet and white</textarea>" in page
    session.expire_all()
    assert products.find(session, meru.id, maize.id).description == "Sweet and white"


LADDER = {
    "mode": "all_units",
    "counted_on": "pack",
    "increment": "1",
    "quantity_min": "",
    "quantity_max": "",
    "mix_group": "",
}


@pytest.mark.case("attack:A142")
@pytest.mark.parametrize("priced", [{}, {1: "150.00"}])
def test_of_two_who_write_a_ladder_the_second_sees_both(session, make, meru, two, priced):
    pack = make.pack(make.product("Maize", cooperative=meru), priced)
    rung = {"rung__1__from": "1", "rung__2__from": "10"}
    page = overtaken(
        two, session, f"prices/{pack.id}", f"prices/{pack.id}",
        LADDER | rung | {"rung__1__price": "140", "rung__2__price": "120", "rung__3__from": "50", "rung__3__price": "110"},
        LADDER | rung | {"rung__1__price": "135", "rung__2__price": "115"},
    )  # fmt: skip
    told = page.replace("\N{NO-BREAK SPACE}", " ")
    assert "KES 140.00 from 1, KES 120.00 from 10, KES 110.00 from 50" in told
    assert 'value="135"' in page and 'value="115"' in page and 'value="110.00"' not in page
    session.expire_all()
    ladder = ladders.find(session, price_lists.public(session, meru.id), pack.id)
    assert ladder is not None
    assert [rung.unit_price_minor for rung in ladder.rungs] == [13_500, 11_500]


@pytest.mark.case("attack:A142")
def test_of_two_who_adopt_a_bylaw_the_second_reads_the_first(session, meru, two):
    page = overtaken(
        two,
        session,
        "settlements/",
        "settlements/bylaw",
        {"source": "Meeting of May, minute 4"},
        {"source": "Board, June"},
    )
    assert "by “Meeting of May, minute 4”; you wrote “Board, June”" in page
    assert [each.source for each in bylaws.versions(session, meru.id, bylaws.SETTLEMENT)] == [
        "Meeting of May, minute 4"
    ]


@pytest.mark.case("attack:A142")
def test_of_two_who_enter_costs_the_second_sees_both(session, make, meru, two):
    by = make.staff(meru, "treasurer")
    season = make.season(meru, by=by)
    draft = settlements.draft(session, meru.id, season.pool.id, by=by.id)
    page = overtaken(
        two, session, f"settlements/{draft.id}", f"settlements/{draft.id}/costs",
        {"cost__transport": "400.00", "cost__handling": "20"}, {"cost__transport": "410.00", "cost__handling": "20"},
    )  # fmt: skip
    told = page.replace("\N{NO-BREAK SPACE}", " ")
    assert "Meanwhile somebody else wrote: KES 400.00" in told and 'value="410.00"' in page
    assert "Meanwhile somebody else wrote: KES 20.00" not in told
    session.expire_all()
    assert session.scalars(select(Settlement.recorded)).one()["transport"] == 41_000


@pytest.mark.case("attack:A142")
def test_of_two_who_write_where_the_house_is_paid_the_second_sees_both(session, meru, two):
    account = {"holder": "Meru", "bank_code": "KCBLKENX"}
    page = overtaken(
        two,
        session,
        "payouts/",
        "payouts/account",
        account | {"account": "1100000011"},
        account | {"account": "1100000022"},
    )
    assert "KCBLKENX …0011" in page and 'value="1100000022"' in page
    assert bank_accounts.live(session, [meru.id])[meru.id].account == "1100000022"


@pytest.mark.case("attack:A142")
def test_of_two_who_write_where_a_member_is_paid_the_second_sees_both(session, make, meru, two):
    member = make.member(meru, "Amina Wanjiku", number=7)
    bank = {"rail": "bank", "holder": "Amina Wanjiku", "bank_code": "KCBLKENX"}
    page = overtaken(
        two,
        session,
        "members/7",
        "members/7/destinations",
        bank | {"account": "1100000011"},
        bank | {"account": "1100000022"},
    )
    assert "KCBLKENX …0011" in page and 'value="1100000022"' in page
    assert destinations.live(session, meru.id, [member.id])[member.id].account == "1100000022"


def test_with_the_version_unlooked_at_the_last_one_wins_in_silence(session, make, meru, two, monkeypatch):
    """The anti-test: what is guarded above is lost without the guard."""
    pack = make.pack(make.product("Maize", cooperative=meru))
    session.commit()
    real = ladders.set_ladder

    def blind(*these: Any, seen: int) -> Any:
        return real(*these)

    monkeypatch.setattr(ladders, "set_ladder", blind)
    for writer, price in zip(two, ("140", "135"), strict=True):
        form = LADDER | {"version": "0", "rung__1__from": "1", "rung__1__price": price}
        assert writer.sends(f"prices/{pack.id}", **form).status_code == 303


def test_the_words_are_claimed_in_one_statement(session, worker_session, make, meru):
    """Whoever read before the other wrote changes nothing: the version stands in the WHERE, not in an if."""
    maize = make.product("Maize", cooperative=meru)
    session.commit()
    mine = products.find(worker_session, meru.id, maize.id)
    assert mine.version == 1
    worker_session.commit()
    words = products.Words(
        kind=maize.kind, grades=["A"], description="", storage="dry", allergens="", keeps_days=None
    )  # fmt: skip
    products.reword(session, products.find(session, meru.id, maize.id), words, seen=1)
    session.commit()
    with pytest.raises(products.Conflict, match="save again"):
        products.reword(worker_session, mine, words | {"storage": "cool"}, seen=1)


def test_a_house_that_has_no_account_yet_is_seen_as_such(session, make, meru):
    by = make.staff(meru, "manager")
    bank_accounts.open_account(
        session, meru.id, holder="Meru", bank_code="KCBLKENX", account="1100000011", by=by.id, seen=NOBODY
    )
    with pytest.raises(bank_accounts.Conflict, match="…0011"):
        bank_accounts.open_account(
            session, meru.id, holder="Meru", bank_code="KCBLKENX", account="1100000022", by=by.id, seen=NOBODY
        )


def test_a_seed_or_an_import_writes_a_ladder_without_having_seen_one(session, make, meru):
    pack = make.pack(make.product("Maize", cooperative=meru), {1: "3.00"})
    ladder = ladders.set_ladder(session, price_lists.public(session, meru.id), pack, LadderForm(rungs=((1, 250),)))
    assert ladder.version == 2
