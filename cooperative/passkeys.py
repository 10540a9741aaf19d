"""Passkeys: keys that a phone or computer keeps and uses when its owner shows a face, a finger or a code. No word to steal.

A passkey is two proofs at once (the device, and who holds it), so it signs in alone, also where the password wants a code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from cooperative import challenges
from cooperative.challenges import Purpose
from cooperative.people import Person
from ground import clock
from ground.changes import rows_changed
from ground.db import Model, points_at
from ground.errors import Missing, Refusal
from ground.words import _

MOST = 20
SHOP = "Good Measure"


class Passkey(Model):
    """One key of one person. `uses` is the device's own count: one that runs backwards was copied."""

    __tablename__ = "passkey"
    __table_args__ = (
        Index("ix_passkey_person", "person_id"),
        CheckConstraint("name <> ''", "named"),
        CheckConstraint("uses >= 0", "uses"),
    )
    frozen_columns = ("person_id", "credential", "public_key")

    person_id: Mapped[UUID] = mapped_column(points_at("person.id"))
    credential: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes]
    uses: Mapped[int]
    name: Mapped[str]
    last_used_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Place:
    """Whom a passkey is for: the shop's own address from the settings, never the one a request calls itself by."""

    name: str
    origin: str

    @classmethod
    def of(cls, public_url: str) -> Place:
        parts = urlsplit(public_url)
        return cls(parts.hostname or "", f"{parts.scheme}://{parts.netloc}")


def offer(session: Session, person: Person, place: Place, *, address: str) -> str:
    """What the browser needs to make one, as JSON. The keys that this person has are named, so that none is made twice."""
    mine = of(session, person.id)
    if len(mine) >= MOST:
        raise Refusal(_("You have %(count)s passkeys. Remove one first.", count=len(mine)))
    return options_to_json(
        generate_registration_options(
            rp_id=place.name, rp_name=SHOP, user_id=person.id.bytes, user_name=person.email or person.name,
            user_display_name=person.name, challenge=challenges.make(session, Purpose.ADD, person.id, address),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=key.credential) for key in mine],
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
        )
    )  # fmt: skip


def ask(session: Session, purpose: Purpose, place: Place, *, address: str, person: Person | None = None) -> str:
    """What the browser needs to use one, as JSON. Whoever signs in is asked for no name: their device knows it."""
    words = challenges.make(session, purpose, person.id if person else None, address)
    mine = [PublicKeyCredentialDescriptor(id=key.credential) for key in of(session, person.id)] if person else []
    return options_to_json(
        generate_authentication_options(
            rp_id=place.name, challenge=words, allow_credentials=mine,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )  # fmt: skip


def add(session: Session, person: Person, place: Place, answer: str, *, name: str) -> Passkey:
    """Keep the key that the browser made for these words; a Refusal where anything about it is not right."""
    try:
        told = parse_registration_credential_json(answer)
        words = parse_client_data_json(told.response.client_data_json).challenge
        made = verify_registration_response(
            credential=told, expected_challenge=words, expected_rp_id=place.name, expected_origin=place.origin,
            require_user_verification=True,
        )  # fmt: skip
    except Exception as reason:  # A stranger wrote every byte of it; whatever the libraries trip over is no passkey.
        raise _no() from reason
    if not challenges.spend(session, words, Purpose.ADD, person.id) or _find(session, made.credential_id) is not None:
        raise _no()
    key = Passkey(
        person_id=person.id, credential=made.credential_id, public_key=made.credential_public_key, uses=made.sign_count,
        name=name, last_used_at=None,
    )  # fmt: skip
    session.add(key)
    session.flush()
    return key


def accept(session: Session, purpose: Purpose, place: Place, answer: str, *, person: Person | None = None) -> Passkey:
    """The key that signed our words, once. A Refusal, always in the same words, for everything else."""
    try:
        told = parse_authentication_credential_json(answer)
        words = parse_client_data_json(told.response.client_data_json).challenge
    except Exception as reason:
        raise _no() from reason
    key = _find(session, told.raw_id)
    whose = person.id if person is not None else None
    handle = told.response.user_handle
    if key is None or (whose not in (None, key.person_id)) or (handle or key.person_id.bytes) != key.person_id.bytes:
        raise _no()
    try:
        proved = verify_authentication_response(
            credential=told, expected_challenge=words, expected_rp_id=place.name, expected_origin=place.origin,
            credential_public_key=key.public_key, credential_current_sign_count=key.uses, require_user_verification=True,
        )  # fmt: skip
    except Exception as reason:
        raise _no() from reason
    same = (Passkey.id == key.id, Passkey.uses == key.uses)
    used = update(Passkey).where(*same).values(uses=proved.new_sign_count, last_used_at=clock.now())
    if not challenges.spend(session, words, purpose, whose) or rows_changed(session, used) != 1:
        raise _no()
    return key


def of(session: Session, person_id: UUID) -> list[Passkey]:
    """This person's keys, the oldest first."""
    return list(session.scalars(select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)))


def count(session: Session, person_id: UUID) -> int:
    query = select(func.count()).select_from(Passkey).where(Passkey.person_id == person_id)
    return int(session.scalar(query) or 0)


def rename(session: Session, person_id: UUID, passkey_id: UUID, name: str) -> None:
    mine = (Passkey.id == passkey_id, Passkey.person_id == person_id)
    if rows_changed(session, update(Passkey).where(*mine).values(name=name)) != 1:
        raise Missing(_("There is no such passkey."))


def remove(session: Session, person_id: UUID, passkey_id: UUID) -> None:
    """It opens nothing from now on; the device may still list it."""
    mine = (Passkey.id == passkey_id, Passkey.person_id == person_id)
    if rows_changed(session, delete(Passkey).where(*mine)) != 1:
        raise Missing(_("There is no such passkey."))


def _find(session: Session, credential: bytes) -> Passkey | None:
    return session.scalar(select(Passkey).where(Passkey.credential == credential))


def _no() -> Refusal:
    return Refusal(fields={"credential": _("This passkey was not accepted. Try again, or choose another way.")})
