"""The outbox: letters are rows written with the deed they tell of, and sent after it by the worker."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Index, UniqueConstraint, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session

from ground import clock, leases
from ground.db import Model
from ground.ids import new_id

log = structlog.get_logger()
LEASE = timedelta(minutes=2)
TRIES_MOST = 12


class Letter(Model):
    """One message to one person about one event; `(kind, cause_id)` makes it unique, so that nobody is told twice."""

    __tablename__ = "letter"
    __table_args__ = (UniqueConstraint("kind", "cause_id"), Index("ix_letter_due", "sent_at", "due_at"))

    kind: Mapped[str]
    cause_id: Mapped[UUID]
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str | None]
    unsubscribe_url: Mapped[str | None]
    due_at: Mapped[datetime]
    tries: Mapped[int]
    sent_at: Mapped[datetime | None]

    def as_message(self, sender: str) -> EmailMessage:
        """The letter as mail. Its Message-ID is its row's id, so that a resend is the same message."""
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = sender, self.recipient, " ".join(self.subject.split())
        message["Message-ID"] = f"<{self.id}@{sender.rpartition('@')[2].rstrip('>')}>"
        message["Date"] = self.created_at
        message["Auto-Submitted"] = "auto-generated"
        if self.unsubscribe_url:
            message["List-Unsubscribe"] = f"<{self.unsubscribe_url}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(self.text)
        if self.html:
            message.add_alternative(self.html, subtype="html")
        return message


Post = Callable[[EmailMessage, UUID], None]


def write(
    session: Session,
    *,
    to: str,
    subject: str,
    text: str,
    cause: UUID,
    kind: str,
    html: str | None = None,
    unsubscribe_url: str | None = None,
) -> None:
    """Add a letter to the transaction at hand, unless this event was told before. Without an address there is nobody to tell.

    `unsubscribe_url` is for letters that somebody asked for and may end with one click (RFC 8058); what tells of a person's
    own order or account has none.
    """
    if not to:
        return
    native = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    now = clock.now()
    row = {
        "id": new_id(), "created_at": now, "kind": kind, "cause_id": cause, "recipient": to, "subject": subject,
        "text": text, "html": html, "unsubscribe_url": unsubscribe_url, "due_at": now, "tries": 0, "sent_at": None,
    }  # fmt: skip
    session.execute(native.insert(Letter).values(row).on_conflict_do_nothing())


def forget(session: Session, which: ColumnElement[bool]) -> None:
    """Empty these letters for good, sent or not: that somebody was told stays, whom and in which words does not."""
    session.execute(
        update(Letter)
        .where(which)
        .values(recipient="", subject="", text="", html=None, unsubscribe_url=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(update(Letter).where(Letter.recipient == "", Letter.sent_at.is_(None)).values(sent_at=clock.now()))


def stuck(session: Session) -> list[Letter]:
    """Letters that no server took, again and again."""
    return leases.stuck(session, Letter, Letter.sent_at.is_(None))


def folder(path: Path) -> Post:
    """Post into a folder of .eml files: what a shop without a mail server can read, and tests too."""
    path.mkdir(parents=True, exist_ok=True)

    def put(message: EmailMessage, letter_id: UUID) -> None:
        (path / f"{letter_id}.eml").write_bytes(message.as_bytes())

    return put


def smtp(host: str, port: int, *, user: str = "", password: str = "", starttls: bool = True) -> Post:
    """Post through a mail server; it is given ten seconds."""

    def send(message: EmailMessage, letter_id: UUID) -> None:
        with smtplib.SMTP(host, port, timeout=10) as server:
            if starttls:
                server.starttls()
            if user:
                server.login(user, password)
            server.send_message(message)

    return send


def send_due(unit: Callable[[], AbstractContextManager[Session]], post: Post, sender: str, *, most: int = 50) -> int:
    """Send what is due: lease a letter (commit), hand it over outside any transaction, then say so (commit).

    A crash between the last two sends again under the same Message-ID: for mail, twice is better than never.
    """
    sent = 0
    for _ in range(most):
        with unit() as session:
            letter = leases.take(session, Letter, Letter.sent_at.is_(None), first=LEASE, tries_most=TRIES_MOST)
            session.commit()
        if letter is None:
            break
        try:
            post(letter.as_message(sender), letter.id)
        except Exception as reason:
            # It is due again when its lease ends, later each time; one that no server takes must not keep the others.
            log.warning("letter.failed", letter_id=str(letter.id), tries=letter.tries, reason=type(reason).__name__)
            continue
        with unit() as session:
            session.execute(update(Letter).where(Letter.id == letter.id).values(sent_at=clock.now()))
            session.commit()
        sent += 1
    return sent
