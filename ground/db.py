"""The database: one behaviour on SQLite (one shop, one machine) and PostgreSQL (several workers, many cooperatives).

Every rule here was measured before it was written; docs/decisions/0002 keeps the figures.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Dialect,
    Engine,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    create_engine,
    event,
)
from sqlalchemy.dialects import sqlite as sqlite_types
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column, sessionmaker
from sqlalchemy.sql.naming import conv
from sqlalchemy.types import BIGINT, BOOLEAN, CHAR, SMALLINT, VARCHAR

from ground import clock, tenants
from ground.ids import new_id

APP_ROLE, WORKER_ROLE = "good_measure_app", "good_measure_worker"
"""PostgreSQL roles: the app sees the cooperatives of its request, a worker sees all; neither owns anything."""

LARGEST_INTEGER = 2**63 - 1


# STRICT tables of SQLite know five types; every other spelling is translated here, once.
def _spelled(sqlite_name: str) -> Callable[..., str]:
    return lambda type_, compiler, **kw: sqlite_name


for _type, _name in (
    (BIGINT, "INTEGER"), (SMALLINT, "INTEGER"), (BOOLEAN, "INTEGER"),
    (VARCHAR, "TEXT"), (CHAR, "TEXT"), (String, "TEXT"), (Enum, "TEXT"), (Boolean, "INTEGER"), (BigInteger, "INTEGER"),
    (DateTime, "TEXT"), (sqlite_types.DATETIME, "TEXT"), (Date, "TEXT"), (sqlite_types.DATE, "TEXT"),
    (sqlite_types.JSON, "TEXT"), (JSON, "TEXT"),
):  # fmt: skip
    compiles(_type, "sqlite")(_spelled(_name))


class Whole(TypeDecorator[int]):
    """A 64-bit integer that refuses what a database would round, wrap or store as text."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is None:
            return None
        assert isinstance(value, int) and not isinstance(value, bool), f"not a whole number: {value!r}"
        assert -LARGEST_INTEGER <= value <= LARGEST_INTEGER, "beyond 64 bits"
        return int(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        return None if value is None else int(value)  # PostgreSQL sums bigint to numeric.


class Moment(TypeDecorator[datetime]):
    """An aware moment, in UTC on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        assert value.tzinfo is not None, "moments are aware"
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Key(TypeDecorator[UUID]):
    """A UUID: native on PostgreSQL, its 36-letter text on SQLite, so that both read and join alike in raw SQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(Uuid() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        assert isinstance(value, UUID), f"not an id: {value!r}"
        return value if dialect.name == "postgresql" else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        return value if value is None or isinstance(value, UUID) else UUID(value)


class Model(DeclarativeBase):
    """Every table has a time-sortable id, given at birth, and knows when its row was born.

    Class marks, read by `ground/walls.py`: `append_only` (no UPDATE, no DELETE, by trigger), `frozen_columns` (these never
    change), `tenant_walls` (False for a table that carries a cooperative's id but belongs to a buyer or a person),
    `public_read` and `own_row` (SQL conditions under which PostgreSQL shows a row outside the request's cooperatives),
    `open_insert` (one under which it takes a new row that belongs to none of them).
    """

    append_only: ClassVar[bool] = False
    frozen_columns: ClassVar[tuple[str, ...]] = ()
    tenant_walls: ClassVar[bool] = True
    public_read: ClassVar[str | None] = None
    own_row: ClassVar[str | None] = None
    open_insert: ClassVar[str | None] = None

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
        self._session: ContextVar[Session | None] = ContextVar("session", default=None)

    def connect(self, url: str, *, role: str | None = None, **options: Any) -> Engine:
        """Open the engine. `role` is the PostgreSQL role each connection takes on; SQLite has none."""
        self._engine = make_engine(url, role=role, **options)
        return self._engine

    def use(self, engine: Engine) -> None:
        """Take an engine made elsewhere, with its role already taken on."""
        self._engine = engine

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
        bind = self.engine.execution_options(sqlite_begin="DEFERRED") if reads_only else self.engine
        session = make_session(bind)
        tenants.enter(session, cooperatives)
        token = self._session.set(session)
        try:
            yield session
        finally:
            self._session.reset(token)
            session.close()


def make_session(bind: Engine | Connection) -> Session:
    """A session as everything here expects it: no expiry on commit, since what was read is what is shown."""
    return sessionmaker(bind, expire_on_commit=False, autoflush=True)()


def make_engine(url: str, *, role: str | None = None, **options: Any) -> Engine:
    """An engine with the rules of its database; every connection obeys them before its first statement."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, **options)
    assert parsed.get_backend_name() == "postgresql", f"no rules for {parsed.get_backend_name()}"
    engine = create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        json_serializer=canonical_json,
        hide_parameters=True,  # An error tells the log which statement failed, never whose figures it carried.
        connect_args={"options": "-c lock_timeout=3000 -c statement_timeout=15000 -c timezone=UTC"},
        **options,
    )
    if role:

        @event.listens_for(engine, "connect")
        def _take_role(dbapi: Any, record: Any) -> None:
            # autocommit, or the role is forgotten by the first rollback of the pool.
            dbapi.autocommit = True
            dbapi.execute(f"SET ROLE {role}")
            dbapi.autocommit = False

    return engine


def _sqlite(url: str, **options: Any) -> Engine:
    engine = create_engine(url, json_serializer=canonical_json, hide_parameters=True, **options)

    @event.listens_for(engine, "connect")
    def _rules(dbapi: Any, record: Any) -> None:
        dbapi.isolation_level = None  # The driver's own BEGIN comes too late: 120 of 20 units were sold under it.
        for pragma in (
            "foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "recursive_triggers=ON", "busy_timeout=5000",
        ):  # fmt: skip
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Writers queue from the start; a reader that says so may begin lightly.
        mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def canonical_json(value: Any) -> str:
    """One spelling per value, so that hashes of stored JSON are stable. NaN is refused."""

    def plain(other: Any) -> str:
        if isinstance(other, UUID | datetime | date):
            return str(other) if isinstance(other, UUID) else other.isoformat()
        raise TypeError(f"not JSON: {other!r}")

    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=plain)


db = Database()
