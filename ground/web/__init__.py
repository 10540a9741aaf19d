"""The web: doors that declare who may pass, one guard for all of them, and answers in the house's hand."""

from ground.web.door import PROVIDER, PUBLIC, SIGNED_IN, Door, Duty
from ground.web.guard import Authority, Here, fresh_deed, here, refused, visitor
from ground.web.numbers import Number
from ground.web.pages import good_until, kept, rests_on
from ground.web.roof import init_app
from ground.web.sessions import end_session, session_token, start_session
from ground.web.uploads import upload

__all__ = [
    "PROVIDER",
    "PUBLIC",
    "SIGNED_IN",
    "Authority",
    "Door",
    "Duty",
    "Here",
    "Number",
    "end_session",
    "fresh_deed",
    "good_until",
    "here",
    "init_app",
    "kept",
    "refused",
    "rests_on",
    "session_token",
    "start_session",
    "upload",
    "visitor",
]  # fmt: skip
