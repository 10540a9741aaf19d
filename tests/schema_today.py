"""The schema of the models as they stand this minute, for the days before the first migration is written; then goes."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from ground import schema  # noqa: E402
from ground.db import Key, Model  # noqa: E402


def import_models() -> None:
    for package in ("ground", "ledger", "cooperative", "inventory", "proceeds", "storefront", "admin"):
        for found in pkgutil.iter_modules([str(ROOT / package)]):
            if not found.ispkg and "Model" in (ROOT / package / f"{found.name}.py").read_text("utf-8"):
                try:
                    importlib.import_module(f"{package}.{found.name}")
                except Exception as error:
                    print(f"not in the schema yet: {package}.{found.name}: {error!r}", file=sys.stderr)


def forget_keys_to_tables_not_yet_written() -> None:
    for table in Model.metadata.tables.values():
        for constraint in list(table.foreign_key_constraints):
            if constraint.elements[0].target_fullname.split(".")[0] not in Model.metadata.tables:
                table.constraints.discard(constraint)
                for key in constraint.elements:
                    key.parent.foreign_keys.discard(key)
                    table.foreign_keys.discard(key)
                    if key.parent.type._isnull:
                        key.parent.type = Key()


if __name__ == "__main__":
    import_models()
    forget_keys_to_tables_not_yet_written()
    print(json.dumps(schema.statements(sys.argv[1])))
