"""Second persons: who else in this office may say yes to what one person prepared."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.orm import Session

from cooperative import roles
from cooperative.roles import Role


def beside(session: Session, cooperative_id: UUID, first_id: UUID, among: Collection[Role]) -> list[tuple[str, str]]:
    """Everybody with one of these roles but the first person, each with their part: `("Wanjiru Kamau", "manager")`."""
    parts: dict[str, list[str]] = {}
    for grant in roles.live_in(session, cooperative_id):
        if grant.role in among and grant.person_id != first_id:
            parts.setdefault(grant.person.name, []).append(str(grant.role))
    return [(name, ", ".join(held)) for name, held in parts.items()]
