"""Photos of complaints: the picture alone, in a row beside its hash."""

from __future__ import annotations

import hashlib
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from ground.db import Model, OfCooperative, tenant_key, tenant_unique
from ground.photos import BYTES_MOST


class ComplaintPhoto(OfCooperative, Model):
    """The photo of a complaint, as we drew it anew (`ground/photos.py`). Only the order's page and the office show it."""

    __tablename__ = "complaint_photo"
    __table_args__ = (
        tenant_unique(),
        UniqueConstraint("complaint_id"),
        tenant_key("complaint_id", "complaint"),
        CheckConstraint("length(sha256) = 64", "sha256"),
        CheckConstraint(f"length(webp) BETWEEN 1 AND {BYTES_MOST}", "webp"),
    )
    append_only = True

    complaint_id: Mapped[UUID]
    sha256: Mapped[str]
    webp: Mapped[bytes] = mapped_column(deferred=True, deferred_raiseload=True)


def keep(session: Session, cooperative_id: UUID, complaint_id: UUID, webp: bytes) -> None:
    """Lay it beside its complaint; `webp` is what `photos.as_webp` drew."""
    digest = hashlib.sha256(webp).hexdigest()
    session.add(ComplaintPhoto(cooperative_id=cooperative_id, complaint_id=complaint_id, sha256=digest, webp=webp))
    session.flush()
