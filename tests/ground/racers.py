"""What racing processes do: the real deed, and beside it the variant with its guard taken away, to see the race won by nobody."""

from __future__ import annotations

import time
from uuid import UUID

from sqlalchemy import Engine, select, text

from cooperative import cooperatives
from ground import inbox, jobs, keys, outbox, tenants
from ground.db import Database
from ground.engines import make_session
from ground.errors import Conflict, Refusal
from ground.ids import new_id
from ledger import books, transfers
from ledger.accounts import Account, Pot
from ledger.transfers import Leg
from tests.races import meeting

assert cooperatives.Cooperative.__tablename__ == "cooperative"  # The ledger's foreign keys name its table.
BANK = Pot("1020")


def claim(engine: Engine, number: int, key: str) -> str:
    """Spend one key; who is first writes a letter."""
    session = make_session(engine)
    try:
        keys.claim(session, principal="person:1", key=UUID(key), body={"eggs": 12}, location="/orders/1")
        outbox.write(session, to="amina@example.org", subject="Order", text="Placed", cause=new_id(), kind="order")
        session.commit()
        return "done"
    except keys.Replay as replay:
        session.rollback()
        return replay.location
    finally:
        session.close()


def claim_by_looking_first(engine: Engine, number: int, key: str) -> str:
    """The anti-test: look whether the key is there, then act. Nothing is unique here but hope."""
    session = make_session(engine.execution_options(sqlite_begin="DEFERRED"))
    there = session.scalar(select(outbox.Letter.id).where(outbox.Letter.subject == key))
    session.commit()
    if there is not None:
        return "seen"
    meeting.all_have_looked()
    outbox.write(session, to="amina@example.org", subject=key, text="Placed", cause=new_id(), kind="order")
    session.commit()
    return "done"


def write_letter(engine: Engine, number: int, cause: str) -> str:
    session = make_session(engine)
    outbox.write(session, to="amina@example.org", subject="Paid", text="Paid", cause=UUID(cause), kind="paid")
    time.sleep(0.1)  # Hold the transaction open, so that the others meet it.
    session.commit()
    session.close()
    return "committed"


def spend(engine: Engine, number: int, cooperative: str, member: str, minor: str) -> int:
    """Spend the same member's money ten times; how often it worked."""
    return _spend(engine, cooperative, member, int(minor), guarded=True)


def spend_by_reading_first(engine: Engine, number: int, cooperative: str, member: str, minor: str) -> int:
    """The anti-test: read the balance, decide, write the new one; the condition in the UPDATE and the CHECK are away."""
    return _spend(engine, cooperative, member, int(minor), guarded=False)


def _spend(engine: Engine, cooperative: str, member: str, minor: int, *, guarded: bool) -> int:
    worked = 0
    for _ in range(10):
        session = make_session(engine if guarded else engine.execution_options(sqlite_begin="DEFERRED"))
        tenants.enter(session, (UUID(cooperative),))
        try:
            if guarded:
                book = books.of_cooperative(session, UUID(cooperative))
                leg = Leg(Pot("2020", UUID(member)), BANK, book.money(minor))
                transfers.post(session, book, "spend", new_id(), [leg])
            else:
                mine = (Account.cooperative_id == UUID(cooperative), Account.owner_id == UUID(member))
                balance = session.scalars(select(Account.balance_minor).where(*mine)).one()
                session.commit()
                time.sleep(0.02)
                if balance < minor:
                    continue
                session.execute(
                    text("UPDATE account SET balance_minor = :left WHERE owner_id = :member"),
                    {
                        "left": balance - minor,
                        "member": UUID(member) if engine.dialect.name == "postgresql" else member,
                    },
                )
            session.commit()
            worked += 1
        except Refusal:
            session.rollback()
        finally:
            session.close()
    return worked


def post_once(engine: Engine, number: int, cooperative: str, cause: str) -> str:
    session = make_session(engine)
    tenants.enter(session, (UUID(cooperative),))
    try:
        book = books.of_cooperative(session, UUID(cooperative))
        leg = Leg(BANK, Pot("2050", UUID(cause)), book.money(100))
        transfers.post(session, book, "card payment", UUID(cause), [leg])
        time.sleep(0.1)  # Hold the transaction open, so that the others meet it.
        session.commit()
        return "posted"
    except Conflict:
        session.rollback()
        return "Conflict"
    finally:
        session.close()


def open_accounts(engine: Engine, number: int, cooperative: str, *owners: str) -> str:
    """Open the same accounts in another order each."""
    session = make_session(engine)
    tenants.enter(session, (UUID(cooperative),))
    book = books.of_cooperative(session, UUID(cooperative))
    turned = owners[number:] + owners[:number]
    legs = [Leg(BANK, Pot("2020", UUID(owner)), book.money(1)) for owner in turned]
    transfers.post(session, book, "open", new_id(), legs)
    session.commit()
    session.close()
    return "posted"


def _unit(engine: Engine):
    database = Database()
    database.use(engine)
    return database.unit


def work(engine: Engine, number: int) -> list[str]:
    """Run every job there is; which subjects this worker did."""
    done: list[str] = []
    idle = 0
    while idle < 5:
        before = len(done)
        jobs.run_due(_unit(engine), {"pay": lambda subject: done.append(str(subject))})
        idle = idle + 1 if len(done) == before else 0
        time.sleep(0.01)
    return done


def drain(engine: Engine, number: int) -> list[str]:
    """Handle every event there is; which this worker handled."""
    done: list[str] = []

    def handle(event: inbox.ProviderEvent) -> str:
        done.append(event.event_key)
        return "done"

    idle = 0
    while idle < 5:
        idle = 0 if inbox.drain(_unit(engine), {("stripe", "paid"): handle}) else idle + 1
        time.sleep(0.01)
    return done
