"""What the databases themselves refuse: changing what is append-only, and seeing another cooperative's rows; what they count.

The statements are derived from the marks on the models; a migration writes them down as they stood on its day.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Mapper

from ground.db import APP_ROLE, WORKER_ROLE, Model

_PG_FUNCTIONS = (
    """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only', ERRCODE = 'integrity_constraint_violation'; END $$""",
    """CREATE OR REPLACE FUNCTION seen_cooperatives() RETURNS uuid[] LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN coalesce(current_setting('app.cooperatives', true), '') = '' THEN '{}'::uuid[]
         ELSE string_to_array(current_setting('app.cooperatives', true), ',')::uuid[] END $$""",
    """CREATE OR REPLACE FUNCTION seeing_person() RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting('app.person', true), '')::uuid $$""",
    """CREATE OR REPLACE FUNCTION count_street_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE whose uuid; mine bigint := pg_current_xact_id()::text::bigint;
BEGIN
  whose := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ->> TG_ARGV[0] ELSE to_jsonb(NEW) ->> TG_ARGV[0] END;
  INSERT INTO street_change AS s (id, created_at, changes, transaction_no) VALUES (whose, now(), 1, mine)
  ON CONFLICT (id) DO UPDATE SET changes = s.changes + 1, transaction_no = mine WHERE s.transaction_no <> mine;
  RETURN NULL; END $$""",
)

_SQLITE_COUNT = (
    "INSERT INTO street_change (id, created_at, changes, transaction_no)"
    " VALUES (whose, strftime('%Y-%m-%d %H:%M:%f000', 'now'), 1, 0) ON CONFLICT (id) DO UPDATE SET changes = changes + 1"
)


def raise_walls(dialect: str) -> Iterator[str]:
    """Every statement that builds the walls, in order."""
    if dialect == "postgresql":
        yield from _PG_FUNCTIONS
    for mapper in sorted(Model.registry.mappers, key=lambda mapper: mapper.class_.__tablename__):
        yield from mapper.class_.own_statements.get(dialect, ())
        yield from (_postgresql(mapper) if dialect == "postgresql" else _sqlite(mapper))


def _sqlite(mapper: Mapper) -> Iterator[str]:
    model, table = mapper.class_, mapper.class_.__tablename__
    if model.append_only:
        for verb in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    elif model.frozen_columns:
        columns = ", ".join(model.frozen_columns)
        changed = " OR ".join(_changes(model, column, "IS NOT") for column in model.frozen_columns)
        yield (
            f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OF {columns} ON {table} WHEN {changed}"
            f" BEGIN SELECT RAISE(ABORT, '{table} keeps what it froze'); END"
        )
    if model.on_the_street:
        for verb, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            when = f" WHEN {model.on_the_street}" if verb == "UPDATE" and model.on_the_street != "true" else ""
            count = _SQLITE_COUNT.replace("whose", f"{row}.{_whose(mapper)}")
            yield f"CREATE TRIGGER {table}_street_{verb.lower()} AFTER {verb} ON {table}{when} BEGIN {count}; END"


def _changes(model: type[Model], column: str, differs: str) -> str:
    """Whether a frozen column becomes another; one that may be erased may become empty, or one dash."""
    differ = f"OLD.{column} {differs} NEW.{column}"
    return f"({differ} AND length(NEW.{column}) > 1)" if column in model.erasable_columns else differ


def _postgresql(mapper: Mapper) -> Iterator[str]:
    model, table = mapper.class_, mapper.class_.__tablename__
    quoted = f'"{table}"'
    verbs = "SELECT, INSERT" if model.append_only else "SELECT, INSERT, UPDATE, DELETE"
    yield f"GRANT {verbs} ON {quoted} TO {APP_ROLE}, {WORKER_ROLE}"
    if model.append_only:
        refuse = "EXECUTE FUNCTION refuse_change()"
        yield f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {quoted} FOR EACH ROW {refuse}"
        yield f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {quoted} FOR EACH STATEMENT {refuse}"
    elif model.frozen_columns:
        changed = " OR ".join(_changes(model, column, "IS DISTINCT FROM") for column in model.frozen_columns)
        yield (
            f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {quoted} FOR EACH ROW WHEN ({changed})"
            " EXECUTE FUNCTION refuse_change()"
        )
    if model.on_the_street:
        count = f"FOR EACH ROW %s EXECUTE FUNCTION count_street_change('{_whose(mapper)}')"
        when = ""
        if model.on_the_street != "true":  # A trigger's condition may ask no other table; a function in it may.
            yield (
                f'CREATE FUNCTION {table}_seen_differently(old "{table}", new "{table}") RETURNS boolean LANGUAGE sql STABLE'
                f" AS $$ SELECT {model.on_the_street} $$"
            )
            when = f"WHEN ({table}_seen_differently(OLD, NEW))"
        late = "DEFERRABLE INITIALLY DEFERRED"
        yield f"CREATE CONSTRAINT TRIGGER {table}_street_rows AFTER INSERT OR DELETE ON {quoted} {late} {count % ''}"
        yield f"CREATE CONSTRAINT TRIGGER {table}_street_update AFTER UPDATE ON {quoted} {late} {count % when}"
    if "cooperative_id" in mapper.columns and model.tenant_walls:
        mine = "cooperative_id = ANY ((SELECT seen_cooperatives())::uuid[])"
        yield f"ALTER TABLE {quoted} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {quoted} FORCE ROW LEVEL SECURITY"
        yield f"CREATE POLICY tenant ON {quoted} TO {APP_ROLE} USING ({mine}) WITH CHECK ({mine})"
        yield f"CREATE POLICY worker ON {quoted} TO {WORKER_ROLE} USING (true) WITH CHECK (true)"
        if model.public_read:
            yield f"CREATE POLICY public_read ON {quoted} FOR SELECT TO {APP_ROLE} USING ({model.public_read})"
        if model.own_row:
            yield f"CREATE POLICY own_row ON {quoted} FOR SELECT TO {APP_ROLE} USING ({model.own_row})"
        if model.open_insert:
            yield f"CREATE POLICY open_insert ON {quoted} FOR INSERT TO {APP_ROLE} WITH CHECK ({model.open_insert})"


def _whose(mapper: Mapper) -> str:
    """The column that names the cooperative whose row it is."""
    return "cooperative_id" if "cooperative_id" in mapper.columns else "id"
