"""Forms, read strictly: what a person typed becomes a typed value, or one Refusal that names every field at fault."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from ground.errors import Refusal
from ground.ids import NOBODY
from ground.money import Money
from ground.quantity import Quantity, Unit
from ground.spelling import whole
from ground.words import _, ngettext

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)

BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
INVISIBLE = frozenset("\u00ad\u200b\u2060\ufeff") | frozenset(map(chr, range(0xE0000, 0xE0080)))
"""Signs without a shape, which make two names look alike. The joiners that Sinhala and Persian need are not among them."""

UNREADABLE = "\ufffd"
"""What a decoder leaves where the bytes were no letters."""

OURS = frozenset({"csrf_token"})
"""Fields that the web reads before any form does."""

ONE_LINE_MOST, NOTE_MOST = 200, 4_000
DIGITS = re.compile(r"[0-9]{1,15}")


class Posted(Protocol):
    """What a web framework hands over: every name with all its values."""

    def keys(self) -> Iterable[str]: ...
    def getlist(self, key: str) -> list[str]: ...


def clean(text: str, *, lines: bool = False) -> str:
    """Text as it will be stored: NFC, trimmed. Raises ValueError in words for what no name or note may hold.

    NUL (PostgreSQL refuses what SQLite keeps), lone surrogates, control characters and bidirectional controls, which make
    a name read as another [attack:A022, A023, A026].
    """
    normal = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    for letter in normal:
        if letter in BIDI_CONTROLS:
            raise ValueError(_("Take out the hidden writing-direction signs."))
        if letter == UNREADABLE:
            raise ValueError(_("Some letters could not be read. Type them again."))
        if letter in INVISIBLE or unicodedata.category(letter) in ("Zl", "Zp"):
            raise ValueError(_("Take out the invisible signs."))
        if unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn") and not (lines and letter in "\n\t"):
            raise ValueError(_("Take out the unprintable signs."))
    return normal


class Reader:
    """Reads a posted form field by field; `done()` refuses once, for all fields together.

    Until `done()` has passed, values of fields at fault are harmless placeholders. A field sent twice, or one nobody asked
    for, is at fault too [attack:A048, A049].
    """

    def __init__(self, posted: Posted) -> None:
        self._values = {name: posted.getlist(name) for name in posted.keys()}  # noqa: SIM118  (MultiDict iterates names once)
        self._asked: set[str] = set(OURS)
        self.errors: dict[str, str] = {}

    def done(self) -> None:
        """Raise one Refusal with the words for every field at fault, or pass."""
        for name in self._values:
            if name not in self._asked:
                self.errors.setdefault(name[:60], _("This form has no such field."))
        if self.errors:
            raise Refusal(fields=self.errors)

    def raw(self, name: str) -> str | None:
        """The one value as typed; None when it is missing or empty."""
        self._asked.add(name)
        values = self._values.get(name, [])
        if len(values) > 1:
            self.errors[name] = _("This was sent more than once.")
            return None
        return values[0] if values and values[0].strip() else None

    def fault(self, name: str, words: str) -> None:
        """Record what is wrong with a field, for checks that only the form itself knows."""
        self.errors.setdefault(name, words)

    def _needed(self, name: str, optional: bool) -> str | None:
        value = self.raw(name)
        if value is None and not optional:
            self.fault(name, _("Please fill this in."))
        return value

    def text(
        self, name: str, *, most: int = ONE_LINE_MOST, least: int = 1, optional: bool = False, lines: bool = False
    ) -> str:
        """One line (or a note with `lines=True`), cleaned; lengths count letters."""
        value = self._needed(name, optional)
        if value is None:
            return ""
        try:
            cleaned = clean(value, lines=lines)
        except ValueError as words:
            self.fault(name, str(words))
            return ""
        if not least <= len(cleaned) <= most:
            self.fault(
                name,
                _("Use %(least)s to %(most)s letters.", least=least, most=most)
                if least > 1
                else ngettext("Use at most %(count)s letter.", "Use at most %(count)s letters.", most),
            )
        return cleaned

    def password(self, name: str) -> str:
        """A password exactly as typed, at most 200 letters (a longer one is only there to tire the hasher)."""
        self._asked.add(name)
        values = self._values.get(name, [])
        if len(values) != 1 or not values[0]:
            self.fault(name, _("Please fill this in."))
            return ""
        if len(values[0]) > ONE_LINE_MOST or {"\0", UNREADABLE} & set(values[0]):
            self.fault(name, ngettext("Use at most %(count)s letter.", "Use at most %(count)s letters.", ONE_LINE_MOST))
            return ""
        return values[0]

    def whole(self, name: str, *, least: int = 0, most: int = 10**9, optional: bool = False) -> int:
        """A whole number in plain ASCII digits: `1_000`, `１２`, `+5`, `1e3` and `0x10` are not [attack:A045]."""
        value = self._needed(name, optional)
        if value is None:
            return 0
        if not DIGITS.fullmatch(value):
            self.fault(name, _("Write a whole number in plain digits."))
            return 0
        if not least <= int(value) <= most:
            self.fault(name, _("Write a number from %(least)s to %(most)s.", least=whole(least), most=whole(most)))
            return 0
        return int(value)

    def money(self, name: str, currency: str, *, least_minor: int = 0, optional: bool = False) -> Money:
        """An amount in `currency`, exactly as fine as its smallest coin."""
        value = self._needed(name, optional)
        if value is None:
            return Money.zero(currency)
        if "-" in value and least_minor >= 0:  # Minus nought too [attack:A040].
            self.fault(name, _("Write an amount in %(currency)s without a minus.", currency=currency))
            return Money.zero(currency)
        try:
            amount = Money.parse(value, currency, field=name)
        except Refusal as refusal:
            self.errors.update(refusal.fields)
            return Money.zero(currency)
        if amount.minor < least_minor:
            self.fault(name, _("Write at least %(amount)s.", amount=Money(least_minor, currency)))
            return Money.zero(currency)
        return amount

    def quantity(self, name: str, unit: Unit, *, least: int = 1, optional: bool = False) -> int:
        """Whole base units from what a scale shows in kg, litres or pieces."""
        value = self._needed(name, optional)
        if value is None:
            return 0
        try:
            amount = Quantity.parse(value, unit, field=name).amount
        except Refusal as refusal:
            self.errors.update(refusal.fields)
            return 0
        if amount < least:
            self.fault(name, _("Write at least %(amount)s.", amount=Quantity(least, unit)))
            return 0
        return amount

    def kilograms(self, name: str, *, least: int = 1, optional: bool = False) -> int:
        """Grams from kilograms."""
        return self.quantity(name, Unit.GRAM, least=least, optional=optional)

    def id(self, name: str, *, optional: bool = False) -> UUID:
        """An id in its one spelling; NOBODY where an optional one is missing."""
        value = self._needed(name, optional)
        if value is None:
            return NOBODY
        try:
            found = UUID(value)
        except ValueError:
            found = NOBODY
        if str(found) != value or found == NOBODY:
            self.fault(name, _("Choose one of the list."))
            return NOBODY
        return found

    def once(self, name: str = "once") -> UUID:
        """The hidden key that makes a form count once."""
        return self.id(name)

    def choice(self, name: str, kinds: type[ChoiceT], *, optional: bool = False) -> ChoiceT:
        """One of an enumeration's values; its first where nothing (or nonsense) was chosen, until `done()` refuses."""
        value = self._needed(name, optional)
        first = next(iter(kinds))
        if value is None:
            return first
        try:
            return kinds(value)
        except ValueError:
            self.fault(name, _("Choose one of the list."))
            return first

    def day(self, name: str, *, optional: bool = False) -> date | None:
        """A date written 2026-11-23, between 1900 and 2200; None when missing."""
        value = self._needed(name, optional)
        if value is None:
            return None
        try:
            found = date.fromisoformat(value) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else None
        except ValueError:
            found = None
        if found is None or not 1900 <= found.year <= 2200:
            self.fault(name, _("Write a date such as 2026-11-23."))
            return None
        return found

    def minute(self, name: str, *, optional: bool = False) -> int:
        """A time of day written 18:00, in minutes after midnight; 24:00 is the midnight that ends the day."""
        value = self._needed(name, optional)
        if value is None:
            return 0
        if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00", value):
            self.fault(name, "Write a time such as 18:00.")
            return 0
        return int(value[:2]) * 60 + int(value[3:])

    def email(self, name: str, *, optional: bool = False) -> str:
        """A mail address in its normal form, the part after the @ in small letters."""
        value = self.text(name, most=254, optional=optional)
        if not value:
            return ""
        try:
            return validate_email(
                value, check_deliverability=False, test_environment=True, allow_smtputf8=False
            ).normalized.lower()
        except EmailNotValidError:
            self.fault(name, _("Write a mail address such as amina@example.com."))
            return ""

    def phone(self, name: str, *, region: str = "KE", optional: bool = False) -> str:
        """A phone number in E.164; a number without a country code is of `region`."""
        value = self.text(name, most=40, optional=optional)
        if not value:
            return ""
        try:
            number = phonenumbers.parse(value, region)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not value.isascii() or not phonenumbers.is_possible_number(number):
            self.fault(name, _("Write a phone number such as 0712 345 678."))
            return ""
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def tick(self, name: str) -> bool:
        """A tick box: there or not; any value but the usual ones is at fault."""
        value = self.raw(name)
        if value is not None and value not in ("on", "1", "yes", "true"):
            self.fault(name, _("Tick it or leave it."))
        return value is not None

    def names(self, prefix: str) -> list[str]:
        """The posted names that start with `prefix`, in order, at most 1,000: rows of a grid."""
        found = [name for name in self._values if name.startswith(prefix)]
        if len(found) > 1_000:
            self.fault(prefix, _("Send at most 1,000 rows at once."))
        return found[:1_000]
