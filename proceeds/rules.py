"""Settlement rules: a cooperative's by-law as data, read strictly. No step of the waterfall exists only in code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from proceeds import strict


class Take(StrEnum):
    """How a step finds its amount."""

    PERCENT = "percent"
    PER_UNIT = "per_unit"
    RECORDED = "recorded"  # What was really spent, entered with the settlement.
    LATE = "late_refunds"  # What closed pools of the product still have to bear (account 1240).
    OWED = "owed"  # A member's debts, oldest first.
    TARGET = "target"  # A percentage until a balance reaches its target.


class To(StrEnum):
    """Where a step's money goes; `proceeds/postings.py` maps each to an account of the chart."""

    HOLDBACK = "holdback"
    FEES = "fees"
    COSTS = "costs"
    LEVIES = "levies"
    MARGIN = "margin"
    STABILISATION = "stabilisation"
    LATE = "late_refunds"
    RETAIN = "retain"
    ADVANCE = "advance"
    OVER_ADVANCE = "over_advance"
    TAX = "tax"
    COURT_ORDER = "court_order"
    INPUT_CREDIT = "input_credit"
    LOAN = "loan"
    FINES = "fines"
    SHARES = "shares"
    SAVINGS = "savings"


class Loss(StrEnum):
    """Who bears a pool whose costs were more than its sales [DOMAIN 6, step 8]."""

    MARGIN = "margin"
    RESERVE = "reserve"
    MEMBERS = "members"
    NEXT_POOL = "next_pool"


class ClaimRule(StrEnum):
    """What a member's part is measured by."""

    QUANTITY = "quantity"
    INDEX = "index"
    DIFFERENTIAL = "differential"


POOL_BASES = ("gross_sales", "net_sales", "retail_sales", "wholesale_sales", "left")
MEMBER_BASES = ("claim", "left")
_POOL_TO = {To.HOLDBACK, To.FEES, To.COSTS, To.LEVIES, To.MARGIN, To.STABILISATION, To.LATE}


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the ordered list. `step` is its number in DOMAIN 6, `key` its name in recorded amounts and debts."""

    step: int
    key: str
    name: str
    take: Take
    to: To
    of: str = ""
    percent: Fraction = Fraction(0)
    minor: int = 0
    payee: str = ""
    cap_percent: Fraction | None = None
    take_home_min_minor: int = 0


@dataclass(frozen=True, slots=True)
class Cap:
    """What the named steps may cost together: a percentage of a base [finance:A19]."""

    name: str
    of: str
    percent: Fraction
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """A whole settlement by-law. `payout_min_minor`: less than this is held in the member's account, not paid out."""

    pool: tuple[Step, ...]
    member: tuple[Step, ...]
    loss: Loss
    claims: ClaimRule
    by_grade: Mapping[str, Fraction] = field(default_factory=dict)
    caps: tuple[Cap, ...] = ()
    payout_min_minor: int = 0

    @property
    def recorded(self) -> tuple[Step, ...]:
        """The steps whose amounts people enter with the settlement."""
        return tuple(step for step in self.pool if step.take is Take.RECORDED)


STARTER: dict[str, Any] = {
    "schema": 1,
    "pool": [
        {"step": 1, "key": "late-refunds", "name": "Refunds of earlier pools", "take": "late_refunds", "to": "late_refunds"},
        {"step": 4, "key": "transport", "name": "Transport", "take": "recorded", "to": "costs", "payee": "Transporters"},
        {"step": 4, "key": "handling", "name": "Sorting and storage", "take": "recorded", "to": "costs", "payee": "Handling"},
        {"step": 5, "key": "levy", "name": "County levy", "take": "percent", "of": "net_sales", "percent": "1",
         "to": "levies", "payee": "County government"},
        {"step": 6, "key": "margin", "name": "The cooperative's margin", "take": "percent", "of": "net_sales", "percent": "8",
         "to": "margin"},
    ],
    "caps": [{"name": "costs of the society", "of": "gross_sales", "percent": "20", "keys": ["transport", "handling", "margin"]}],
    "loss": "margin",
    "claims": {"by": "quantity"},
    "member": [
        {"step": 11, "key": "advance", "name": "Advance already paid", "take": "owed", "to": "advance"},
        {"step": 11, "key": "over_advance", "name": "Paid too much before", "take": "owed", "to": "over_advance"},
        {"step": 13, "key": "input_credit", "name": "Inputs taken on credit", "take": "owed", "to": "input_credit",
         "cap_percent": "50"},
        {"step": 14, "key": "loan", "name": "Loan from the cooperative", "take": "owed", "to": "loan", "cap_percent": "50"},
    ],
    "payout_min_minor": 0,
}  # fmt: skip
"""Where a new cooperative may start: every number is there to be changed by a new version of its by-law."""

_KEYS = {
    Take.PERCENT: {"of", "percent", "payee"},
    Take.PER_UNIT: {"minor", "payee"},
    Take.RECORDED: {"payee"},
    Take.LATE: set(),
    Take.OWED: {"cap_percent", "take_home_min_minor", "payee"},
    Take.TARGET: {"percent", "minor"},
}
_NEEDS = {
    Take.PERCENT: {"of", "percent"},
    Take.PER_UNIT: {"minor"},
    Take.RECORDED: set(),
    Take.LATE: set(),
    Take.OWED: set(),
    Take.TARGET: {"percent", "minor"},
}


def parse(raw: Mapping[str, Any]) -> Rules:
    """Read a by-law, or a Refusal that names the place: an unknown word is never skipped, a missing one never guessed."""
    strict.only(raw, {"schema", "pool", "member", "loss", "claims", "caps", "payout_min_minor"}, "the by-law")
    strict.hold(raw.get("schema") == 1, "the by-law", "schema 1 is the only one known")
    pool = tuple(_step(row, f"pool step {n}", POOL_BASES) for n, row in enumerate(strict.rows(raw, "pool"), 1))
    member = tuple(_step(row, f"member step {n}", MEMBER_BASES) for n, row in enumerate(strict.rows(raw, "member"), 1))
    for name, steps, low, high in (("pool", pool, 1, 7), ("member", member, 10, 18)):
        numbers = [step.step for step in steps]
        strict.hold(numbers == sorted(numbers), name, "the steps are not in order")
        strict.hold(all(low <= number <= high for number in numbers), name, f"its steps are numbered {low} to {high}")
        strict.hold(len({step.key for step in steps}) == len(steps), name, "two steps have one key")
        strict.hold(
            all((step.to in _POOL_TO) is (name == "pool") for step in steps),
            name,
            "a step's money goes to the wrong place",
        )
    claims = raw.get("claims")
    strict.hold(isinstance(claims, Mapping), "claims", "how are the proceeds shared?")
    assert isinstance(claims, Mapping)
    rule = strict.one_of(ClaimRule, claims.get("by"), "claims")
    grades = {ClaimRule.INDEX: "index", ClaimRule.DIFFERENTIAL: "differential_minor"}.get(rule)
    strict.only(claims, {"by"} | ({grades} if grades else set()), "claims")
    by_grade = (
        {str(k): strict.exact(v, f"claims, grade {k}") for k, v in strict.mapping(claims, grades).items()}
        if grades
        else {}
    )
    strict.hold(
        rule is not ClaimRule.INDEX or all(v >= 0 for v in by_grade.values()), "claims", "an index is never negative"
    )
    return Rules(
        pool, member, strict.one_of(Loss, raw.get("loss"), "loss"), rule, by_grade,
        tuple(_cap(row, {step.key for step in pool}) for row in strict.rows(raw, "caps", needed=False)),
        strict.whole(raw.get("payout_min_minor", 0), "payout_min_minor"),
    )  # fmt: skip


def _step(row: Any, where: str, bases: tuple[str, ...]) -> Step:
    strict.hold(isinstance(row, Mapping), where, "a step is a row of named values")
    take = strict.one_of(Take, row.get("take"), where)
    strict.only(row, {"step", "key", "name", "take", "to"} | _KEYS[take], where)
    missing = ({"step", "key", "name", "to"} | _NEEDS[take]) - set(row)
    strict.hold(not missing, where, f"{', '.join(sorted(missing))} missing")
    pool_only, member_only = {Take.RECORDED, Take.LATE}, {Take.OWED, Take.TARGET}
    strict.hold(
        take not in (member_only if bases is POOL_BASES else pool_only), where, f"{take.value} does not belong here"
    )
    strict.hold("of" not in row or row["of"] in bases, where, f"of is one of {', '.join(bases)}")
    to = strict.one_of(To, row["to"], where)
    strict.hold(
        to not in (To.COSTS, To.LEVIES, To.TAX, To.COURT_ORDER) or bool(row.get("payee")),
        where,
        "who is paid? name a payee",
    )
    strict.hold((to is To.LATE) is (take is Take.LATE), where, "late refunds are taken as they are")
    read: dict[str, Callable[[Any, str], Any]] = {
        "percent": strict.percent, "cap_percent": strict.percent, "minor": strict.whole, "take_home_min_minor": strict.whole,
        "of": strict.text, "payee": strict.text, "key": strict.text, "name": strict.text, "step": strict.whole,
    }  # fmt: skip
    values = {name: read[name](value, f"{where}, {name}") for name, value in row.items() if name in read}
    return Step(take=take, to=to, **values)


def _cap(row: Any, keys: set[str]) -> Cap:
    strict.hold(isinstance(row, Mapping), "caps", "a cap is a row of named values")
    strict.only(row, {"name", "of", "percent", "keys"}, "caps")
    named = row.get("keys")
    strict.hold(isinstance(named, list) and bool(named) and set(named) <= keys, "caps", "keys names steps of the pool")
    strict.hold(row.get("of") in POOL_BASES, "caps", f"of is one of {', '.join(POOL_BASES)}")
    return Cap(
        strict.text(row.get("name"), "caps"), row["of"], strict.percent(row.get("percent"), "caps"), tuple(named)
    )
