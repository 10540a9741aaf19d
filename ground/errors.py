"""The ways a request can go wrong: a person asked for what the rules do not allow, or something changed meanwhile."""

from __future__ import annotations


class Refusal(Exception):
    """Something the rules do not allow. The message is for the person who asked; what only we can get wrong is an assert.

    `fields` names the inputs at fault and says, in the same words a page shows beside them, what each should be. `reason`
    is what the log calls it.
    """

    status = 422
    reason = "refused"

    def __init__(self, message: str = "", *, fields: dict[str, str] | None = None) -> None:
        self.fields = dict(fields or {})
        super().__init__(message or " ".join(self.fields.values()))


class Conflict(Refusal):
    """The world moved between reading and writing: the answer shows both figures and lets the person choose."""

    status = 409
    reason = "conflict"


class TooLarge(Refusal):
    """More bytes than this form takes."""

    status = 413
    reason = "too large"


class Missing(Refusal):
    """There is no such thing here. Another cooperative's thing is answered in exactly the same words."""

    status = 404
    reason = "missing"


class Denied(Refusal):
    """Signed in, but this is not theirs to do."""

    status = 403
    reason = "denied"


class ForeignForm(Denied):
    """A form that did not stand on our own page."""

    reason = "foreign form"
