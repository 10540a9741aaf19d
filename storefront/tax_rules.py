"""Tax rules in force: which rates and rounding a cooperative has adopted, from which day, by whose word and on what ground."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from cooperative import bylaws
from cooperative.bylaws import Bylaw
from cooperative.cooperatives import Cooperative
from ground import clock
from storefront.taxes import BYLAW, UNTAXED, TaxRules


def adopt(
    session: Session, cooperative_id: UUID, rules: TaxRules, *, effective_from: date, source: str, by: UUID
) -> Bylaw:
    """The next version; orders placed before keep their tax."""
    return bylaws.adopt(
        session, cooperative_id, BYLAW, rules.as_rules(), effective_from=effective_from, source=source, by=by
    )


def in_force(session: Session, owners: Iterable[Cooperative]) -> dict[UUID, TaxRules]:
    """What each of these cooperatives charges today, by its own calendar. One query."""
    by_id = {owner.id: owner for owner in owners}
    found = dict.fromkeys(by_id, UNTAXED)
    query = select(Bylaw).where(Bylaw.cooperative_id.in_(sorted(by_id)), Bylaw.kind == BYLAW)
    for bylaw in session.scalars(query.order_by(Bylaw.version)) if by_id else ():
        today = clock.now().astimezone(by_id[bylaw.cooperative_id].zone).date()
        if bylaw.effective_from <= today:
            found[bylaw.cooperative_id] = TaxRules.parse(bylaw.rules)
    return found
