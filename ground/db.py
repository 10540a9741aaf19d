"""The database: one behaviour on SQLite (one shop, one machine) and PostgreSQL (several workers, many cooperatives)."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Engine,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column
from sqlalchemy.sql.naming import conv

from ground import clock, tenants
from ground.columns import Key, Moment, Whole
from ground.engines import make_engine, make_session
from ground.ids import new_id

APP_ROLE, WORKER_ROLE = "good_measure_app", "good_measure_worker"
"""PostgreSQL roles: the app sees the cooperatives of its request, a worker sees all; neither owns anything."""


class Model(DeclarativeBase):
    """Every table has a time-sortable id, given at birth, and knows when its row was born.

    Class marks, read by `ground/walls.py`: `append_only` (no UPDATE, no DELETE, by trigger), `frozen_columns` (these never
    change), `erasable_columns` (frozen ones that may become empty or a dash, for good, when a person asks to be forgotten),
    `tenant_walls` (False for a table that carries a cooperative's id but belongs to a buyer or a person),
    `public_read` and `own_row` (SQL conditions under which PostgreSQL shows a row outside the request's cooperatives),
    `open_insert` (one under which it takes a new row that belongs to none of them), `on_the_street` (an SQL condition on
    `old` and `new` under which shoppers see a changed row differently; new and gone rows always count: `street_changes.py`),
    `own_statements` (what one database alone needs besides the table: an index of words).
    """

    append_only: ClassVar[bool] = False
    frozen_columns: ClassVar[tuple[str, ...]] = ()
    erasable_columns: ClassVar[tuple[str, ...]] = ()
    tenant_walls: ClassVar[bool] = True
    public_read: ClassVar[str | None] = None
    own_row: ClassVar[str | None] = None
    open_insert: ClassVar[str | None] = None
    on_the_street: ClassVar[str | None] = None
    own_statements: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        int: Whole(),
        str: Text(),
        bool: Boolean(),
        bytes: LargeBinary(),
        datetime: Moment(),
        UUID: Key(),
        dict[str, Any]: JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"),
        list[Any]: JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"),
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            create_constraint=True,
            values_callable=lambda kinds: [kind.value for kind in kinds],
        ),
    }

    id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class OfCooperative:
    """Mixin of a tenant's table: it carries its cooperative's id, and what points at it carries it too.

    Point at a tenant row with `tenant_key("lot_id", "lot")` in `__table_args__`: the database then refuses a reference into
    another cooperative. The second unique key is what such references aim at.
    """

    cooperative_id: Mapped[UUID] = mapped_column(ForeignKey("cooperative.id", deferrable=True, initially="DEFERRED"))

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return (tenant_unique(),)


def tenant_unique() -> UniqueConstraint:
    """What composite foreign keys aim at; list it in `__table_args__` of every tenant table that writes its own."""
    return UniqueConstraint("cooperative_id", "id")


def tenant_key(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key that cannot leave the cooperative. Deferred, since ids are given at birth and rows come in any order."""
    return ForeignKeyConstraint(
        ["cooperative_id", column], [f"{table}.cooperative_id", f"{table}.id"], deferrable=True, initially="DEFERRED"
    )


def points_at(table_and_column: str, **options: Any) -> ForeignKey:
    """A foreign key to a table that belongs to no tenant (a person, a checkout), deferred like all of ours."""
    return ForeignKey(table_and_column, deferrable=True, initially="DEFERRED", **options)


@event.listens_for(Model, "init", propagate=True)
def _born_with_an_id(target: Model, args: tuple[Any, ...], values: dict[str, Any]) -> None:
    values.setdefault("id", new_id())


@event.listens_for(Table, "after_parent_attach")
def _strict_on_sqlite(table: Table, parent: Any) -> None:
    if isinstance(parent, MetaData):
        table.dialect_options["sqlite"]["strict"] = True
        for check in table.constraints:
            # Named by the column: two columns of one kind, or a check of the kind's name, would otherwise collide.
            if isinstance(check, CheckConstraint) and check._type_bound:
                (column,) = check.columns
                check.name = conv(f"ck_{table.name}_{column.name}_known")


class Database:
    """The engine of one process and the session of the unit of work at hand.

    `session` is bound to the running context (a request, a job, a command); `unit()` opens one. Nothing is committed unless
    the view, command or worker says so.
    """

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._reading: Engine | None = None  # The same one, whose transactions on SQLite begin lightly.
        self._session: ContextVar[Session | None] = ContextVar("session", default=None)

    def connect(self, url: str, *, role: str | None = None, **options: Any) -> Engine:
        """Open the engine. `role` is the PostgreSQL role each connection takes on; SQLite has none."""
        self.use(make_engine(url, role=role, **options))
        return self.engine

    def use(self, engine: Engine) -> None:
        """Take an engine made elsewhere, with its role already taken on."""
        self._engine, self._reading = engine, engine.execution_options(sqlite_begin="DEFERRED")

    @property
    def engine(self) -> Engine:
        assert self._engine is not None, "connect first"
        return self._engine

    @property
    def session(self) -> Session:
        session = self._session.get()
        assert session is not None, "outside a unit of work"
        return session

    @contextmanager
    def unit(self, *, reads_only: bool = False, cooperatives: tuple[UUID, ...] = ()) -> Generator[Session]:
        """One unit of work: a session that is closed, and rolled back unless committed, at the end."""
        assert self._reading is not None, "connect first"
        session = make_session(self._reading if reads_only else self.engine)
        tenants.enter(session, cooperatives)
        token = self._session.set(session)
        try:
            yield session
        finally:
            self._session.reset(token)
            session.close()


db = Database()
