"""Carts: what somebody thinks of buying, over several cooperatives. A guest's is known by a cookie's hash."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import CheckConstraint, Select, UniqueConstraint, case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from cooperative.cooperatives import Cooperative
from ground import clock
from ground.db import Model, OfCooperative, points_at, tenant_key
from ground.ids import new_id
from ground.money import Money
from inventory.packs import Pack
from storefront import cart_vouchers, cart_windows
from storefront.cart_vouchers import CartVoucher
from storefront.cart_windows import CartWindow
from storefront.checkouts import Checkout
from storefront.tills import hashed

QUANTITY_MAX = 10_000
"""Packs of one kind in one basket: more is a contract's business."""


class Cart(Model):
    """A guest's cart has a token, a person's the person; never both: a sign-out leaves none [commerce:X14]."""

    __tablename__ = "cart"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        UniqueConstraint("person_id"),
        CheckConstraint("(token_hash IS NULL) <> (person_id IS NULL)", "one_holder"),
    )

    token_hash: Mapped[str | None]
    person_id: Mapped[UUID | None] = mapped_column(points_at("person.id"))
    lines: Mapped[list[CartLine]] = relationship(
        lazy="raise", primaryjoin="foreign(CartLine.cart_id) == Cart.id", viewonly=True, order_by="CartLine.id"
    )


class CartLine(OfCooperative, Model):
    """So many packs; `seen_minor` is the line's total as last seen, so that a change is shown [commerce:C01].

    `window` and `typed` (a voucher) are what the buyer has in mind for its cooperative, the same for each of its lines.
    """

    __tablename__ = "cart_line"
    __table_args__ = (
        UniqueConstraint("cart_id", "pack_id"),
        tenant_key("pack_id", "pack"),
        CheckConstraint(f"quantity BETWEEN 1 AND {QUANTITY_MAX}", "quantity"),
        CheckConstraint("seen_minor >= 0", "seen"),
    )
    tenant_walls = False

    cart_id: Mapped[UUID] = mapped_column(points_at("cart.id"))
    pack_id: Mapped[UUID]
    quantity: Mapped[int]
    seen_minor: Mapped[int]
    cooperative: Mapped[Cooperative] = relationship(
        lazy="raise", primaryjoin="foreign(CartLine.cooperative_id) == Cooperative.id", viewonly=True
    )
    window: Mapped[CartWindow | None] = relationship(
        lazy="raise", viewonly=True, uselist=False,
        primaryjoin="and_(foreign(CartWindow.cart_id) == CartLine.cart_id,"
        " CartWindow.cooperative_id == CartLine.cooperative_id)",
    )  # fmt: skip
    typed: Mapped[CartVoucher | None] = relationship(
        lazy="raise", viewonly=True, uselist=False,
        primaryjoin="and_(foreign(CartVoucher.cart_id) == CartLine.cart_id,"
        " CartVoucher.cooperative_id == CartLine.cooperative_id)",
    )  # fmt: skip


def find(session: Session, *, token: str = "", person_id: UUID | None = None) -> Cart | None:
    """The person's cart when they are signed in, else the one whose cookie this is. Nobody's cart is nobody's [commerce:X03]."""
    if person_id is not None:
        return _whole(session, select(Cart).where(Cart.person_id == person_id))
    return _whole(session, select(Cart).where(Cart.token_hash == hashed(token))) if token else None


def size(session: Session, *, token: str = "", person_id: UUID | None = None) -> int:
    """How many lines their cart has, as every page says at its top."""
    if person_id is None and not token:
        return 0
    mine = Cart.person_id == person_id if person_id is not None else Cart.token_hash == hashed(token)
    query = select(func.count()).select_from(CartLine).join(Cart, Cart.id == CartLine.cart_id)
    return int(session.scalar(query.where(mine)) or 0)


def find_by_id(session: Session, cart_id: UUID) -> Cart:
    """The cart as it stands now, with its lines."""
    found = _whole(session, select(Cart).where(Cart.id == cart_id))
    assert found is not None
    return found


def _whole(session: Session, query: Select[Cart]) -> Cart | None:
    """With its lines and what the buyer chose and typed for each cooperative, all in one statement."""
    lines = joinedload(Cart.lines)
    query = query.options(
        lines.joinedload(CartLine.cooperative), lines.joinedload(CartLine.window), lines.joinedload(CartLine.typed)
    )
    return session.scalars(query.execution_options(populate_existing=True)).unique().one_or_none()


def open_for(session: Session, *, token: str = "", person_id: UUID | None = None) -> Cart:
    """The cart of this person or cookie, made where there is none; two openers at once get the same."""
    assert token or person_id, "a cart has a holder"
    row = {
        "id": new_id(),
        "created_at": clock.now(),
        "token_hash": None if person_id else hashed(token),
        "person_id": person_id,
    }
    session.execute(_insert(session)(Cart).values(row).on_conflict_do_nothing())
    found = find(session, token=token, person_id=person_id)
    assert found is not None
    return found


def lock(session: Session, cart: Cart) -> None:
    """Whoever changes or buys this cart queues here."""
    session.execute(select(Cart.id).where(Cart.id == cart.id).with_for_update())


def put(session: Session, cart: Cart, pack: Pack, quantity: int, seen: Money, *, add: bool = False) -> None:
    """Set the line of this pack, or add to it; `seen` is its total as the buyer was shown it."""
    assert 1 <= quantity <= QUANTITY_MAX
    row = {
        "id": new_id(), "created_at": clock.now(), "cart_id": cart.id, "cooperative_id": pack.cooperative_id,
        "pack_id": pack.id, "quantity": quantity, "seen_minor": seen.minor,
    }  # fmt: skip
    more = CartLine.quantity + quantity
    after = case((more > QUANTITY_MAX, QUANTITY_MAX), else_=more) if add else quantity
    statement = _insert(session)(CartLine).values(row)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["cart_id", "pack_id"], set_={"quantity": after, "seen_minor": seen.minor}
        )
    )


def show(session: Session, cart: Cart, totals: dict[UUID, Money]) -> None:
    """The buyer has now seen these totals of these packs."""
    for pack_id, total in sorted(totals.items()):
        session.execute(
            update(CartLine)
            .where(CartLine.cart_id == cart.id, CartLine.pack_id == pack_id)
            .values(seen_minor=total.minor)
            .execution_options(synchronize_session=False)
        )


def remove(session: Session, cart: Cart, pack_id: UUID) -> None:
    session.execute(delete(CartLine).where(CartLine.cart_id == cart.id, CartLine.pack_id == pack_id))


def empty_of(session: Session, cart_id: UUID, bought: Iterable[tuple[UUID, int]]) -> None:
    """Take out what was bought, unless the buyer has asked for more of it meanwhile."""
    for pack_id, quantity in sorted(bought):
        session.execute(
            delete(CartLine).where(
                CartLine.cart_id == cart_id, CartLine.pack_id == pack_id, CartLine.quantity <= quantity
            )
        )


def merge(session: Session, token: str, person_id: UUID) -> bool:
    """At sign-in: the guest's cart becomes the person's. True for the one who merged it; a second time there is none.

    Where both hold a pack the larger quantity stays: nobody meant to buy it twice [commerce:C03]. Rules and stock are asked
    again by every look at the basket; a cart holds no stock, so nothing is counted twice.
    """
    guest = session.scalar(select(Cart).where(Cart.token_hash == hashed(token)).with_for_update()) if token else None
    if guest is None:
        return False
    mine = open_for(session, person_id=person_id)
    have = {line.pack_id: line.quantity for line in mine.lines}
    lines = session.scalars(select(CartLine).where(CartLine.cart_id == guest.id)).all()
    for line in lines:
        if line.quantity > have.get(line.pack_id, 0):
            row = {
                "id": new_id(), "created_at": clock.now(), "cart_id": mine.id, "cooperative_id": line.cooperative_id,
                "pack_id": line.pack_id, "quantity": line.quantity, "seen_minor": line.seen_minor,
            }  # fmt: skip
            session.execute(
                _insert(session)(CartLine)
                .values(row)
                .on_conflict_do_update(
                    index_elements=["cart_id", "pack_id"],
                    set_={"quantity": line.quantity, "seen_minor": line.seen_minor},
                )
            )
    session.execute(delete(CartLine).where(CartLine.cart_id == guest.id).execution_options(synchronize_session=False))
    cart_windows.move(session, guest.id, mine.id)
    _move_attempts(session, guest.id, mine.id)
    cart_vouchers.move(session, guest.id, mine.id)
    session.execute(delete(Cart).where(Cart.id == guest.id).execution_options(synchronize_session=False))
    session.expire_all()
    return True


def _move_attempts(session: Session, guest_id: UUID, mine_id: UUID) -> None:
    """An unpaid attempt of the guest is the person's own from now on."""
    session.execute(
        update(Checkout)
        .where(Checkout.cart_id == guest_id)
        .values(cart_id=mine_id)
        .execution_options(synchronize_session=False)
    )


def _insert(session: Session):  # noqa: ANN202  (the two dialects' inserts share no type)
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
