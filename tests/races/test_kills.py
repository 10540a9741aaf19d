"""A power cut at every named place: what was not committed is gone, what was is finished by the worker, nothing happens twice."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, update

from admin.commands.audit import CHECKS
from ground import inbox
from ground.engines import make_session
from ground.ids import new_id
from ground.stripe.modes import make_gateway
from inventory import heaps
from ledger import audit, books, history
from proceeds import batches, closings, instructions, payouts, settlements
from proceeds.batches import Batch
from proceeds.instructions import State as Paid
from proceeds.rail_events import RailEvent
from proceeds.settlements import SettlementClose
from storefront import card_events, orders, pickings
from storefront.card_payments import CardPayment, State, key_of
from storefront.checkouts import Checkout, How
from storefront.orders import Cancellation, Collection, Order, Picking
from storefront.refunds import Refund
from storefront.refunds import State as Refunded
from tests.proceeds.reports import report
from tests.races import ROOT, alone, killed_at

BUYERS, STAFF, WORKERS = "tests.races.buyers", "tests.races.staff", "tests.races.workers"
BEFORE_COMMIT = ("checkout: written",)
CHECKOUT = ("checkout: placed", "checkout: intent committed", "checkout: provider called", "checkout: result committed")
PAYMENT = ("payment: confirmed, not committed", "payment: committed")
REFUND = ("refund: intent committed", "refund: provider called", "refund: result committed")
HANDING_OVER = {
    "picking: lots drawn": "pick", "picking: written": "pick", "collection: recorded": "collect",
    "collection: posted": "collect", "cancellation: written": "cancel",
}  # fmt: skip
CLOSE = ("settlement: posted", "settlement: claims written")
SEND = ("payout: transfers written", "payout: money set aside")
ANSWER = ("payout answer: recorded", "payout answer: followed")
SIGN = ("payout line: recorded",)
GIVE_BACK = ("refund: intent written",)
ELSEWHERE = {
    "import: batch committed": "tests/admin/test_imports.py",
    "paper: written": "tests/storefront/test_papers.py",
    "change: written": "tests/storefront/test_changes.py",
}
pytestmark = pytest.mark.slow


def test_every_place_that_is_named_is_died_at():
    named = set()
    for floor in ("admin", "storefront", "proceeds", "inventory", "cooperative", "ledger", "ground"):
        for path in (ROOT / floor).rglob("*.py"):
            named |= set(re.findall(r'\bbarrier\("([^"]+)"\)', path.read_text("utf-8")))
    here = {*BEFORE_COMMIT, *CHECKOUT, *PAYMENT, *REFUND, *HANDING_OVER, *CLOSE, *SEND, *ANSWER, *SIGN, *GIVE_BACK}
    assert named == here | set(ELSEWHERE)
    for barrier, path in ELSEWHERE.items():
        assert barrier in (ROOT / path).read_text("utf-8")


# -- the cast ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(session, make, place, tmp_path, worker_engine):
    """Meru with twenty kilograms of maize at 50 a kilogram, its manager, and a sandbox all processes share."""
    make.operator()
    meru = make.cooperative("Meru Highlands", slug="meru-highlands")
    maize = make.shelf(meru, "Maize", {1: "50"}, kilograms=20)
    wanjiru, kiprop = make.staff(meru, "manager"), make.staff(meru, "treasurer")
    session.commit()
    return SimpleNamespace(
        meru=meru, maize=maize, wanjiru=wanjiru, kiprop=kiprop, sandbox=str(tmp_path / "sandbox.sqlite"), place=place,
        session=session, make=make, worker_engine=worker_engine,
    )  # fmt: skip


def do(shop, *deed):
    """In a process of its own, while we hold no transaction. After it every invariant of the books holds, whatever it was."""
    shop.session.rollback()
    answer = alone(*deed)
    assert differences(shop, shop.worker_engine) == []
    return answer


def die(shop, barrier, *deed):
    """The books are whole the moment after, before anybody recovered anything."""
    shop.session.rollback()
    killed_at(barrier, *deed)
    assert differences(shop, shop.worker_engine) == []


def provider(shop):
    return make_gateway({"SANDBOX_DATABASE": shop.sandbox}).sandbox


def till(shop):
    made = shop.make.till()
    return type(made)(make_gateway({"SANDBOX_DATABASE": shop.sandbox}), made.unit, made.secret_key, made.base_url)


def worker(shop, seconds=0, *more):
    return do(shop, f"{WORKERS}:work", shop.place.worker_url, shop.sandbox, str(seconds), *more)


def count(shop, *tables):
    shop.session.rollback()
    shop.session.expire_all()
    found = tuple(shop.session.scalar(select(func.count()).select_from(table)) for table in tables)
    shop.session.rollback()
    return found[0] if len(tables) == 1 else found


def the(shop, table):
    shop.session.rollback()
    shop.session.expire_all()
    found = shop.session.scalars(select(table)).one()
    shop.session.rollback()
    return found


def stock(shop):
    shop.session.rollback()
    heap = heaps.find(shop.session, shop.meru.id, shop.maize.heap_id)
    shop.session.rollback()
    return heap.on_hand, heap.held


def balance(shop, code, of=None):
    shop.session.rollback()
    found = history.sum_of(shop.session, books.of_cooperative(shop.session, (of or shop.meru).id), code)
    shop.session.rollback()
    return found.minor


def differences(shop, worker_engine):
    shop.session.rollback()
    with make_session(worker_engine) as session:
        return [(found.check.name, found.examples) for found in audit.run(session, CHECKS) if found.differences]


def held_at_the_provider(shop, kind):
    with provider(shop).state.write() as records:
        return records.all(kind)


def tell(shop, kind, object_key):
    """The provider's event lies in the inbox."""
    body = json.dumps({"data": {"object": {}}}).encode()
    inbox.receive(shop.session, "stripe", str(new_id()), kind=kind, object_key=object_key, body=body)
    shop.session.commit()


def paid_at_the_provider(shop):
    payment = the(shop, CardPayment)
    provider(shop).pay(payment.session_ref, "4242424242424242")
    tell(shop, "checkout.session.completed", payment.session_ref)


# -- checkout and card payment -------------------------------------------------------------------------------------------


@pytest.fixture
def sending(shop):
    """A guest's basket of two kilograms, and the form of its checkout."""
    shop.make.basket({shop.maize: 2}, token="a guest of the races")
    shop.session.commit()
    form = {
        "name": "Amina Yusuf", "email": "amina@example.org", "phone": "", "how": "card", "expected_minor": "10000",
        "currency": "KES", "once": str(new_id()),
    }  # fmt: skip
    return shop.place.url, shop.sandbox, "a guest of the races", json.dumps([form])


@pytest.mark.parametrize("barrier", BEFORE_COMMIT)
def test_a_checkout_that_dies_unwritten_leaves_nothing_and_is_sent_again(barrier, shop, sending, worker_engine):
    die(shop, barrier, f"{BUYERS}:submit", shop.place.url, *sending)
    assert count(shop, Checkout, Order, CardPayment) == (0, 0, 0)
    assert stock(shop) == (20_000, 0)
    assert differences(shop, worker_engine) == []
    assert do(shop, f"{BUYERS}:submit", shop.place.url, *sending)[0][0] == 303
    assert count(shop, Checkout, Order, CardPayment) == (1, 1, 1)
    assert stock(shop) == (20_000, 2_000)


@pytest.mark.case("commerce:M11")
@pytest.mark.parametrize("barrier", CHECKOUT)
def test_a_checkout_that_dies_on_its_way_is_finished_and_charged_once(barrier, shop, sending, worker_engine):
    die(shop, barrier, f"{BUYERS}:submit", shop.place.url, *sending)
    assert count(shop, Checkout, Order, CardPayment) == (1, 1, 1)
    assert stock(shop) == (20_000, 2_000)
    assert do(shop, f"{BUYERS}:submit", shop.place.url, *sending)[0][0] == 303, "the buyer reloads"
    worker(shop, 150)
    payment = the(shop, CardPayment)
    assert payment.state is State.OPEN, payment.trouble
    assert set(provider(shop).requests("post", "/v1/checkout/sessions")) == {key_of(payment.id)}
    assert len(held_at_the_provider(shop, "checkout.session")) == 1
    paid_at_the_provider(shop)
    worker(shop, 300)
    assert the(shop, CardPayment).state is State.PAID
    assert len(held_at_the_provider(shop, "charge")) == 1
    assert count(shop, Checkout, Order, CardPayment) == (1, 1, 1)
    assert stock(shop) == (20_000, 2_000)
    assert balance(shop, "2050") == 10_000
    assert differences(shop, worker_engine) == []


def test_a_page_that_was_asked_for_under_another_address_of_the_shop_is_found_again(shop, sending):
    die(shop, "checkout: provider called", f"{BUYERS}:submit", shop.place.url, *sending)
    worker(shop, 150, "http://moved.test")
    payment = the(shop, CardPayment)
    assert payment.state is State.OPEN, payment.trouble
    assert [row["id"] for row in held_at_the_provider(shop, "checkout.session")] == [payment.session_ref]


@pytest.fixture
def told(shop):
    """A card payment that was paid at the provider, and its event in the inbox."""
    made = shop.make.placed(till(shop), shop.make.basket({shop.maize: 2}))
    shop.session.commit()
    card_events.send(till(shop), made.payment.id)
    paid_at_the_provider(shop)
    return made


@pytest.mark.parametrize("barrier", PAYMENT)
def test_a_worker_that_dies_over_a_payment_books_it_once(barrier, shop, told, worker_engine):
    die(shop, barrier, f"{WORKERS}:work", shop.place.worker_url, shop.sandbox)
    done = barrier == "payment: committed"
    assert (the(shop, CardPayment).state is State.PAID) is done
    assert balance(shop, "2050") == (10_000 if done else 0)
    assert differences(shop, worker_engine) == []
    worker(shop, 150)
    assert the(shop, CardPayment).state is State.PAID
    assert the(shop, inbox.ProviderEvent).outcome == ("paid before" if done else "paid")
    assert balance(shop, "2050") == 10_000
    assert stock(shop) == (20_000, 2_000)
    assert differences(shop, worker_engine) == []


# -- handing over and money back -----------------------------------------------------------------------------------------


@pytest.fixture
def paid(shop, told):
    worker(shop)
    assert the(shop, CardPayment).state is State.PAID
    return orders.of_checkout(shop.session, told.checkout)[0]


@pytest.fixture
def picked(shop, paid):
    pickings.pick(shop.session, till(shop), paid, by=shop.wanjiru.id)
    shop.session.commit()
    return paid


@pytest.fixture
def to_collect(shop):
    """An order that is packed and will be paid in cash."""
    made = shop.make.placed(till(shop), shop.make.basket({shop.maize: 2}), How.COLLECTION)
    pickings.pick(shop.session, till(shop), made.orders[0], by=shop.wanjiru.id)
    shop.session.commit()
    return made.orders[0]


@pytest.mark.parametrize("barrier", HANDING_OVER)
def test_who_dies_over_an_order_has_done_nothing_and_does_it_again(barrier, shop, request, worker_engine):
    deed = HANDING_OVER[barrier]
    order = request.getfixturevalue("to_collect" if deed == "collect" else "paid")
    rows = {"pick": Picking, "collect": Collection, "cancel": Cancellation}[deed]
    before, earned = stock(shop), balance(shop, "2010")
    click = (
        f"{STAFF}:hand_over",
        shop.place.url,
        deed,
        str(shop.meru.id),
        shop.sandbox,
        str(order.number),
        str(shop.wanjiru.id),
    )
    die(shop, barrier, *click)
    assert count(shop, rows) == 0
    assert (stock(shop), balance(shop, "2010")) == (before, earned)
    assert differences(shop, worker_engine) == []
    assert [do(shop, *click), do(shop, *click)] == ["done", "Conflict"]
    assert count(shop, rows) == 1
    worker(shop, 90)
    assert stock(shop) == {"pick": (18_000, 0), "collect": (18_000, 0), "cancel": (20_000, 0)}[deed]
    assert balance(shop, "2010") == (0 if deed == "cancel" else 10_000)
    assert balance(shop, "2050") == 0
    assert len(held_at_the_provider(shop, "refund")) == (1 if deed == "cancel" else 0)
    assert differences(shop, worker_engine) == []


def refund_click(shop, order):
    return (
        f"{STAFF}:give_back",
        shop.place.url,
        str(shop.meru.id),
        shop.sandbox,
        str(order.number),
        "4000",
        str(shop.wanjiru.id),
    )


@pytest.mark.parametrize("barrier", GIVE_BACK)
def test_a_refund_that_dies_unwritten_leaves_nothing(barrier, shop, picked, worker_engine):
    die(shop, barrier, *refund_click(shop, picked))
    assert count(shop, Refund) == 0
    assert balance(shop, "2010") == 10_000
    worker(shop, 90)
    assert held_at_the_provider(shop, "refund") == []
    assert differences(shop, worker_engine) == []


@pytest.mark.parametrize("barrier", REFUND)
def test_a_refund_that_dies_on_its_way_is_given_back_once(barrier, shop, picked, worker_engine):
    assert do(shop, *refund_click(shop, picked)) == "done"
    die(shop, barrier, f"{WORKERS}:work", shop.place.worker_url, shop.sandbox)
    done = barrier == "refund: result committed"
    assert (the(shop, Refund).state is Refunded.PAID) is done
    assert balance(shop, "2050") == (0 if done else 4_000), "what is not back with the buyer is still owed to the buyer"
    worker(shop, 150)
    worker(shop, 900)
    refund = the(shop, Refund)
    assert refund.state is Refunded.PAID
    assert [row["amount"] for row in held_at_the_provider(shop, "refund")] == [4_000]
    assert (balance(shop, "2010"), balance(shop, "2050")) == (6_000, 0)
    assert differences(shop, worker_engine) == []


# -- settlement and payouts ----------------------------------------------------------------------------------------------


@pytest.fixture
def season(shop):
    """A pool of beans, sold out and approved."""
    season = shop.make.season(shop.meru, by=shop.wanjiru, product="Beans")
    for number in range(1, 6):
        season.deliver(shop.make.member(shop.meru, number=100 + number), 20)
    season.sell(100, "6000.00")
    settlement = settlements.draft(shop.session, shop.meru.id, season.pool.id, by=shop.wanjiru.id)
    digest = closings.preview(shop.session, settlement).inputs_sha256
    closings.approve(shop.session, settlement, digest, by=shop.kiprop.id)
    shop.session.commit()
    return settlement


def click(shop, deed, subject, more=""):
    return f"{STAFF}:act", shop.place.url, deed, str(shop.meru.id), str(subject), str(shop.kiprop.id), more


@pytest.mark.parametrize("barrier", CLOSE)
def test_a_close_that_dies_gives_nothing_away_and_is_done_again_once(barrier, shop, season, worker_engine):
    close = click(shop, "close", season.id)
    before = balance(shop, "2010")
    die(shop, barrier, *close)
    assert count(shop, SettlementClose) == 0
    assert (balance(shop, "2010"), balance(shop, "2020")) == (before, 0)
    assert [do(shop, *close), do(shop, *close)] == ["done", "Conflict"]
    assert balance(shop, "2010") == 0
    closed = the(shop, SettlementClose)
    assert balance(shop, "2020") == closed.claims_minor > 0
    assert differences(shop, worker_engine) == []


def test_books_that_a_recovery_left_wrong_do_not_pass(shop, owner_engine):
    """The anti-test: a heap that promises what nobody ordered is named after the next step, whatever that step was."""
    shop.session.rollback()
    with owner_engine.begin() as connection:
        connection.execute(update(heaps.Heap).where(heaps.Heap.id == shop.maize.heap_id).values(held=1_000))
    with pytest.raises(AssertionError, match=r"assert \[\("):
        worker(shop)


@pytest.fixture
def run(shop):
    """An approved run that pays one member by bank and one in cash, KES 700 each."""
    by_bank, in_cash = shop.make.member(shop.meru, "Nkatha"), shop.make.member(shop.meru, "Mutua")
    shop.make.bank_account(shop.meru, by=shop.wanjiru)
    shop.make.bank_destination(by_bank, by=shop.wanjiru)
    for member in (by_bank, in_cash):
        shop.make.owed_to(member, "700.00")
    made = payouts.make_run(shop.session, shop.meru.id, by=shop.wanjiru.id)
    payouts.approve(shop.session, made, by=shop.kiprop.id)
    shop.session.commit()
    return made


def states(shop, run):
    shop.session.rollback()
    shop.session.expire_all()
    found = {i.rail.value: i.state for i in instructions.of_run(shop.session, shop.meru.id, run.id)}
    shop.session.rollback()
    return found


@pytest.mark.parametrize("barrier", SEND)
def test_a_run_that_dies_while_it_is_sent_is_not_sent_and_then_once(barrier, shop, run, worker_engine):
    send = click(shop, "send run", run.id)
    die(shop, barrier, *send)
    assert count(shop, Batch) == 0
    assert set(states(shop, run).values()) == {Paid.READY}
    assert [do(shop, *send), do(shop, *send)] == ["done", "Conflict"]
    assert count(shop, Batch) == 2
    assert set(states(shop, run).values()) == {Paid.SENDING}
    assert balance(shop, "2020") == 140_000, "set aside, not yet gone"
    assert differences(shop, worker_engine) == []


@pytest.fixture
def sent(shop, run):
    batches.send(shop.session, run, by=shop.kiprop.id)
    shop.session.commit()
    return {i.rail.value: i for i in instructions.of_run(shop.session, shop.meru.id, run.id)}


@pytest.mark.parametrize("barrier", ANSWER)
def test_an_answer_of_the_bank_that_dies_is_read_again_and_counts_once(barrier, shop, run, sent, worker_engine):
    batch = next(each for each in batches.of_run(shop.session, shop.meru.id, run.id) if each.rail.value == "bank")
    shop.session.rollback()
    told = report(batch.message_id, {sent["bank"].reference: "ACSC"}, own_id="BANK-1").decode()
    read = click(shop, "read answer", batch.id, told)
    die(shop, barrier, *read)
    assert count(shop, RailEvent) == 0
    assert states(shop, run)["bank"] is Paid.SENDING
    assert [do(shop, *read), do(shop, *read)] == ["done", "done"], "the same file twice changes nothing"
    assert count(shop, RailEvent) == 1
    assert states(shop, run) == {"bank": Paid.SETTLED, "cash": Paid.SENDING}
    assert balance(shop, "2020") == 70_000
    assert differences(shop, worker_engine) == []


@pytest.mark.parametrize("barrier", SIGN)
def test_a_signed_line_that_dies_is_signed_again_and_counts_once(barrier, shop, run, sent, worker_engine):
    sign = click(shop, "sign", sent["cash"].id)
    die(shop, barrier, *sign)
    assert count(shop, RailEvent) == 0
    assert states(shop, run)["cash"] is Paid.SENDING
    assert [do(shop, *sign), do(shop, *sign)] == ["done", "done"]
    assert states(shop, run) == {"bank": Paid.SENDING, "cash": Paid.SETTLED}
    assert balance(shop, "2020") == 70_000
    assert differences(shop, worker_engine) == []
