"""Letters that carry a link: to sign in, to a new password, to a new account. Who asks never learns who has an account."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from cooperative import links, people
from cooperative.links import Purpose
from ground import outbox
from ground.ids import NOBODY
from ground.words import _, language, speaking

LETTERS_AN_HOUR = 5
"""To one address: whoever floods a stranger's mailbox with our letters gets no further [attack:A090]."""


class Wants(StrEnum):
    """What somebody asks a letter for."""

    SIGN_IN = "sign-in"
    PASSWORD = "password"  # noqa: S105  (a wish, no password)
    ACCOUNT = "account"


def ask(session: Session, email: str, wants: Wants, *, page: str) -> UUID:
    """Send what fits: a known address gets its link, an unknown one the way to an account. The same work for both.

    `page` is the public address up to the key, from the settings and never from the request [attack:A125]. The answer is
    the link's id, NOBODY's where this address has had enough letters for now.
    """
    known = people.find_by_email(session, email)
    if links.sent_lately(session, email) >= LETTERS_AN_HOUR:
        return NOBODY
    purpose = Purpose.ACCOUNT if known is None else Purpose.SIGN_IN if wants is Wants.ACCOUNT else Purpose(wants.value)
    link, token = links.make(session, purpose, email, known)
    with speaking(known.language if known is not None and known.language else language()):
        subject, lead = _words(purpose, wants)
        outbox.write(
            session, to=email, kind="account link", cause=link.id, subject=subject,
            text=f"{lead}\n\n{_('Open it within half an hour. It is good once:')}\n{page}{token}\n\n"
            f"{_('If you did not ask for this, throw this letter away; nothing happens then.')}\n",
        )  # fmt: skip
    return link.id


def _words(purpose: Purpose, wants: Wants) -> tuple[str, str]:
    """The subject, and what the link does."""
    if purpose is Purpose.PASSWORD:
        return _("Your link to a new password"), _("With this link you choose a new password.")
    if purpose is Purpose.ACCOUNT:
        said = _("With this link you make your account.")
        if wants is not Wants.ACCOUNT:
            said = _("There is no account with this address yet. With this link you make one.")
        return _("Your link to an account"), said
    if wants is Wants.ACCOUNT:
        return _("You have an account already"), _(
            "There is an account with this address already. This link signs you in."
        )
    return _("Your link to sign in"), _("This link signs you in.")
