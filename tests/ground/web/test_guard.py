"""The guard: who is not named by a route's duty does not pass, forms come from our own pages, and refusals keep the words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from cooperative.cooperatives import Cooperative
from ground import clock
from ground.ids import NOBODY, new_id
from ground.outbox import Letter
from ground.trail import TrailEntry
from ground.web import PROVIDER, PUBLIC, Door
from ground.web.guard import RETRIES_MOST, safe_path
from ledger.books import Book
from tests.ground.web.conftest import OURS, People, Street, build
from tests.make import Make


@pytest.fixture
def meru(make: Make, session: Session) -> Book:
    book = make.book(slug="meru")
    make.book(slug="kilifi")
    session.commit()
    session.expunge_all()  # A rollback would have it read again, and hold SQLite's pen meanwhile.
    return book


def id_of(session: Session, slug: str):
    found = session.scalars(select(Cooperative.id).where(Cooperative.slug == slug)).one()
    session.rollback()
    return found


def letters(session: Session) -> list[str]:
    session.rollback()
    found = list(session.scalars(select(Letter.subject)))
    session.rollback()
    return found


def trail(session: Session) -> list[TrailEntry]:
    session.rollback()
    found = list(session.scalars(select(TrailEntry)))
    session.rollback()
    return found


# -- the register ---------------------------------------------------------------------------------------------------------


def test_a_route_that_declares_nobody_stops_the_boot(templates: Path):
    app = Flask(__name__, static_folder=None, template_folder=str(templates))
    app.add_url_rule("/back-door", "back_door", lambda: "come in")
    from ground import web

    with pytest.raises(AssertionError, match="back-door"):
        web.init_app(app, People())


def test_flasks_own_static_route_stops_the_boot_too(templates: Path):
    from ground import web

    with pytest.raises(AssertionError, match="static"):
        web.init_app(Flask(__name__, template_folder=str(templates)), People())


@pytest.mark.parametrize("nobody", ["", ()])
def test_a_duty_of_nobody_is_no_duty(nobody):
    with pytest.raises(AssertionError, match="who may"):
        Door("x", __name__).get("/office/<coop>/", who=nobody)


def test_roles_are_held_in_a_cooperative_that_the_rule_names():
    with pytest.raises(AssertionError, match="rule names"):
        Door("x", __name__).get("/office/", who=("manager",))


def test_a_deed_without_a_name_for_the_trail_is_refused():
    with pytest.raises(AssertionError, match="trail"):
        Door("x", __name__).post("/", who=PUBLIC, action="")


@pytest.mark.parametrize("who", [PUBLIC, PROVIDER])
def test_whoever_has_not_signed_in_is_not_asked_to_confirm_it(who):
    """A deed of anybody that asks for a fresh confirmation could never be done, and would look guarded."""
    with pytest.raises(AssertionError, match="signed in"):
        Door("x", __name__).post("/", who=who, action="x", step_up=True)


def test_a_form_shown_again_by_no_page_stops_the_boot(templates: Path):
    door = Door("x", __name__)
    door.post("/", who=PUBLIC, action="x", again="x.nowhere")(lambda: "x")
    with pytest.raises(AssertionError, match="nowhere"):
        build(templates, People(), [door])


# -- who may --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/me", "/office/meru/", "/office/nowhere/", "/confirm"])
def test_who_has_not_signed_in_is_sent_to_the_sign_in_and_back(street: Street, meru: Book, path: str):
    answer = street.client().get(path)
    assert answer.status_code == 303
    assert answer.location == f"/sign-in?next={path}"


def test_another_cooperatives_office_and_one_that_is_not_there_answer_alike(
    street: Street, meru: Book, session: Session
):
    manager = street.client(street.people.sign_in("Baraka", manager=id_of(session, "kilifi")))
    foreign, missing = manager.get("/office/meru/"), manager.get("/office/nowhere/")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.data == missing.data
    differing = {"X-Request-Id"}
    assert {k: v for k, v in foreign.headers.items() if k not in differing} == {
        k: v for k, v in missing.headers.items() if k not in differing
    }


def test_a_missing_thing_of_ours_answers_like_a_foreign_office(street: Street, meru: Book, session: Session):
    manager = street.client(street.people.sign_in("Wanjiru", manager=meru.cooperative_id))
    ours = manager.get(f"/office/meru/things/{new_id()}")
    theirs = manager.get(f"/office/kilifi/things/{new_id()}")
    assert ours.status_code == theirs.status_code == 404
    assert ours.data == theirs.data


def test_the_wrong_desk_of_the_right_office_is_told_so(street: Street, meru: Book):
    collector = street.client(street.people.sign_in("Halima", collector=meru.cooperative_id))
    assert collector.get("/office/meru/").status_code == 200
    assert collector.post("/office/meru/", headers=OURS).status_code == 403
    assert street.did == []


def test_roles_of_two_cooperatives_do_not_add_up(street: Street, meru: Book, session: Session):
    token = street.people.sign_in("Zawadi", manager=id_of(session, "kilifi"), collector=meru.cooperative_id)
    assert street.client(token).post("/office/meru/", headers=OURS).status_code == 403
    assert street.client(token).post("/office/kilifi/", headers=OURS).status_code == 303
    assert street.did == ["made in kilifi"]


def test_an_unknown_key_is_no_key(street: Street, meru: Book):
    street.people.sign_in("Wanjiru", manager=meru.cooperative_id)
    for token in ("key of nobody", "key of Wanjiru2", "x" * 3_000, "' OR 1=1 --"):
        assert street.client(token).get("/office/meru/").status_code == 303


def test_money_asks_for_a_fresh_confirmation(street: Street, meru: Book):
    for stepped_up_at, passes in (
        (None, False), (clock.now() - timedelta(minutes=11), False), (clock.now() - timedelta(minutes=9), True)
    ):  # fmt: skip
        token = street.people.sign_in("Kiprop", manager=meru.cooperative_id, stepped_up_at=stepped_up_at)
        answer = street.client(token).post("/office/meru/pay", headers=OURS)
        assert answer.location == ("/office/meru/" if passes else "/confirm?next=/office/meru/")
    assert street.did == ["paid"]


# -- where a form came from -----------------------------------------------------------------------------------------------

FROM_ELSEWHERE = [
    pytest.param({}, {}, id="no word and no token", marks=pytest.mark.case("attack:A098")),
    pytest.param({"Sec-Fetch-Site": "cross-site"}, {}, id="another site"),
    pytest.param({"Sec-Fetch-Site": "same-site"}, {}, id="a neighbour"),
    pytest.param({"Sec-Fetch-Site": "none"}, {}, id="typed"),
    pytest.param({"Origin": "https://evil.example"}, {}, id="another origin"),
    pytest.param({"Origin": "null"}, {}, id="a sandbox"),
    pytest.param({"Origin": "http://localhost.evil.example"}, {}, id="our name in theirs"),
    pytest.param({"Origin": "https://localhost"}, {}, id="another scheme"),
    pytest.param({"Origin": "http://localhost:81"}, {}, id="another port"),
    pytest.param({"Origin": "http://user@localhost"}, {}, id="our name as a password"),
    pytest.param({"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, {}, id="two stories"),
    pytest.param({}, {"csrf_token": ""}, id="an empty token", marks=pytest.mark.case("attack:A099")),
    pytest.param({}, {"csrf_token": "0" * 64}, id="an invented token"),
    pytest.param({}, {"csrf_token": "\udcff"}, id="a broken token"),
    pytest.param({"Content-Type": "text/plain"}, {}, id="simple text", marks=pytest.mark.case("attack:A100")),
    pytest.param({"Content-Type": "application/json"}, {}, id="json"),
]


@pytest.mark.parametrize(("headers", "fields"), FROM_ELSEWHERE)
@pytest.mark.parametrize("path", ["/", "/office/meru/", "/sign-out", "/shop/meru/basket"])
def test_a_form_from_elsewhere_does_nothing(
    street: Street, meru: Book, session: Session, path: str, headers: dict, fields: dict
):
    """Every deed of the street, with the keys of somebody who might do all of it [attack:A098, A103]."""
    client = street.client(street.people.sign_in("Wanjiru", manager=meru.cooperative_id))
    form = "&".join(f"{name}={value}" for name, value in fields.items()).encode("utf-8", "surrogateescape")
    form += f"&name=Eggs&once={new_id()}".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | headers
    answer = client.post(path, data=form, headers=headers)
    assert answer.status_code == 403
    assert street.did == []
    assert letters(session) == []
    assert "Clear-Site-Data" not in answer.headers


def token_in(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_an_old_browser_passes_by_its_token(street: Street):
    client = street.client()
    token = token_in(client.get("/").text)
    answer = client.post("/", data={"csrf_token": token, "name": "Eggs", "once": str(new_id())})
    assert answer.status_code == 303
    assert street.did == ["Eggs"]


@pytest.mark.case("attack:A099")
def test_the_token_of_another_visit_or_session_does_not_fit(street: Street, meru: Book):
    theirs = token_in(street.client().get("/").text)
    mine, signed_in = street.client(), street.client(street.people.sign_in("Amina"))
    mine.get("/")
    for client in (mine, signed_in, street.client()):
        assert client.post("/", data={"csrf_token": theirs, "name": "Eggs", "once": str(new_id())}).status_code == 403
    own = token_in(mine.get("/").text)
    twice = mine.post("/", data={"csrf_token": [own, own], "name": "Eggs", "once": str(new_id())})
    assert twice.status_code == 403
    assert street.did == []


@pytest.mark.case("attack:A103")
def test_nobody_is_signed_out_by_a_picture(street: Street):
    client = street.client(street.people.sign_in("Amina"))
    assert client.get("/sign-out").status_code == 405
    assert client.get("/me").status_code == 200


@pytest.mark.case("attack:A101")
@pytest.mark.parametrize("method", ["get", "head", "options", "put", "patch", "delete"])
def test_no_other_method_does_a_deed(street: Street, meru: Book, session: Session, method: str):
    client = street.client(street.people.sign_in("Wanjiru", manager=meru.cooperative_id, stepped_up_at=clock.now()))
    override = {"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST", "X-Method-Override": "POST"} | OURS
    for path in ("/office/meru/pay", "/sign-out", "/shop/meru/basket", "/hooks"):
        answer = getattr(client, method)(f"{path}?_method=POST", headers=override)
        assert answer.status_code == (200 if method == "options" else 405)
    assert street.did == []
    assert trail(session) == []


def test_a_provider_needs_no_form_token_and_has_no_session(street: Street):
    assert street.client(street.people.sign_in("Amina")).post("/hooks", data=b"{}").status_code == 200


# -- refusals, replays, retries -------------------------------------------------------------------------------------------


def send(street: Street, name: str, once=None, client=None, **headers: str):
    return (client or street.client()).post(
        "/", data={"name": name, "once": str(once or new_id())}, headers=OURS | headers
    )


def test_a_refused_form_is_shown_again_with_its_words_and_what_is_wrong(street: Street, session: Session):
    once = new_id()
    answer = street.client().post(
        "/", data={"name": '<b onload="x">', "once": str(once), "price": "0.01"}, headers=OURS
    )
    assert answer.status_code == 422
    assert 'value="&lt;b onload=&#34;x&#34;&gt;"' in answer.text
    assert "This form has no such field." in answer.text
    assert f'name="once" value="{once}"' in answer.text, "the form counts once, however often it is corrected"
    assert letters(session) == []


def test_a_refused_form_of_the_office_keeps_its_place(street: Street, meru: Book):
    client = street.client(street.people.sign_in("Wanjiru", manager=meru.cooperative_id))
    answer = client.post("/office/meru/", data={"refuse": "1", "name": "Eggs"}, headers=OURS)
    assert answer.status_code == 422
    assert "Choose another name." in answer.text
    assert 'value="Eggs"' in answer.text
    assert "Meru" in answer.text


def test_what_changed_meanwhile_is_a_conflict_with_both_words(street: Street):
    answer = send(street, "too late")
    assert answer.status_code == 409
    assert "Only 300 g are left." in answer.text
    assert 'value="too late"' in answer.text


def test_a_form_sent_twice_is_done_once_and_answered_twice(street: Street, session: Session):
    client, once = street.client(), new_id()
    first, second = send(street, "Eggs", once, client), send(street, "Eggs", once, client)
    assert (first.status_code, second.status_code) == (303, 303)
    assert second.location == "/?done"
    assert street.did == ["Eggs"]
    assert letters(session) == ["Eggs"]
    assert send(street, "Milk", once, client).status_code == 409


def test_a_visitor_whose_phone_changed_its_address_is_still_the_same_visitor(street: Street):
    client, once = street.client(), new_id()
    client.get("/")
    for address in ("10.0.0.1", "10.9.9.9"):
        answer = client.post(
            "/", data={"name": "Eggs", "once": str(once)}, headers=OURS, environ_overrides={"REMOTE_ADDR": address}
        )
        assert answer.status_code == 303
    assert street.did == ["Eggs"]


def test_no_raw_key_of_a_visitor_is_stored(street: Street, session: Session):
    client = street.client()
    client.get("/")
    visit = client.get_cookie("gm-visit")
    assert visit is not None
    send(street, "Eggs", client=client)
    assert visit.value not in session.scalars(text("SELECT principal FROM request_key")).one()


class Busy(Exception):
    sqlstate = "40001"


class Duplicate(Exception):
    sqlstate = "23505"


class Wrong(Exception):
    sqlstate = "23514"


def fault(kind: type[Exception]) -> DBAPIError:
    return OperationalError("INSERT INTO secret_table", {}, kind("password=hunter2"))


def test_what_the_database_asks_to_try_again_is_tried_again(street: Street, session: Session):
    street.faults += [fault(Busy)] * 2
    assert send(street, "before").status_code == 303
    assert street.did == ["before"]
    assert letters(session) == ["before"], "what the first tries wrote was rolled back"


def test_nothing_is_tried_again_after_its_first_commit(street: Street, session: Session):
    street.faults.append(fault(Busy))
    assert send(street, "after").status_code == 503
    assert street.did == ["after"]
    assert letters(session) == ["after"]


def test_a_database_that_stays_busy_is_told_so_after_a_few_tries(street: Street, session: Session):
    street.faults += [fault(Busy)] * (RETRIES_MOST + 3)
    assert send(street, "before").status_code == 503
    assert len(street.faults) == 3
    assert letters(session) == []


def test_nobody_waits_half_a_minute_for_a_file_that_stays_busy(street: Street, monkeypatch: pytest.MonkeyPatch):
    turned = timedelta()

    def slow() -> datetime:
        nonlocal turned
        turned += timedelta(seconds=2)
        return datetime.now(UTC) + turned

    street.faults += [fault(Busy)] * RETRIES_MOST
    monkeypatch.setattr(clock, "read", slow)
    assert send(street, "before").status_code == 503
    assert len(street.faults) > 0


def test_who_lost_a_race_for_a_key_is_told_so_in_words(street: Street):
    street.faults += [fault(Duplicate)] * 2
    answer = send(street, "before")
    assert answer.status_code == 409
    assert "a moment before you" in answer.text


def test_what_will_not_pass_a_second_time_is_not_tried_twice(street: Street):
    street.faults += [fault(Wrong)] * 2
    assert send(street, "before").status_code == 500
    assert len(street.faults) == 1


# -- the trail of requests ------------------------------------------------------------------------------------------------


def test_a_deed_of_the_office_is_remembered_with_who_and_where(street: Street, meru: Book, worker_session: Session):
    token = street.people.sign_in("Wanjiru", manager=meru.cooperative_id)
    answer = street.client(token).post("/office/meru/", headers=OURS)
    assert answer.status_code == 303
    [entry] = trail(worker_session)
    assert (entry.action, entry.cooperative_id, entry.subject_id) == ("thing.make", meru.cooperative_id, meru.id)
    assert entry.by_id == street.people.sign_ins[token].person.id
    assert entry.request_id == answer.headers["X-Request-Id"]


def test_a_shoppers_deed_in_a_cooperatives_shop_is_remembered_though_they_are_not_let_in(
    street: Street, meru: Book, worker_session: Session
):
    assert street.client().post("/shop/meru/basket", headers=OURS).status_code == 303
    [entry] = trail(worker_session)
    assert (entry.action, entry.cooperative_id) == ("basket.fill", NOBODY)
    assert entry.details == {"cooperative": str(meru.cooperative_id)}


# -- ways back ------------------------------------------------------------------------------------------------------------


@pytest.mark.case("attack:A111")
@pytest.mark.case("attack:A030")
@pytest.mark.case("commerce:X13")
@pytest.mark.parametrize(
    "target",
    ["//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "https://evil.example",
     "/\t/evil.example", "/%09/evil.example", "/%5cevil.example", "/%2f/evil.example", "@evil.example", "javascript:alert(1)",
     "/..//evil.example", "/.//evil.example", " //evil.example", "/\n/evil.example", "/x\r\nSet-Cookie: a=b",
     "/x%0d%0aSet-Cookie:a=b",
     "", "x", "/" + "x" * 600, "/\u2028x", "/ｅvil", "data:text/html,x", "/x\0"],
)  # fmt: skip
def test_no_way_back_leads_elsewhere(target: str):
    assert safe_path(target, "/home") == "/home"


@pytest.mark.parametrize(
    "target", ["/", "/office/meru/", "/products/red-beans?quantity=3&grade=A", "/me?next=%2Foffice", "/a-b_c.d~e"]
)
def test_a_way_back_to_our_own_pages_stays(target: str):
    assert safe_path(target) == target


def test_the_part_after_the_hash_is_dropped():
    assert safe_path("/orders#//evil.example") == "/orders"
