"""Writes the first migration down from the models, as frozen statements: `python -m migrations.first`.

It may be written again until it has left the house, that is, until there is a second one.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

from ground import schema
from ground.db import Model
from ground.migrations import HOME

FLOORS = ("ground", "ledger", "cooperative", "inventory", "proceeds", "storefront", "admin")


def import_models() -> None:
    """Import every file that defines a table. Only here and in tests: a running shop needs no list of its tables."""
    root = HOME.parent
    for floor in FLOORS:
        for found in pkgutil.walk_packages([str(root / floor)], f"{floor}."):
            path = root.joinpath(*found.name.split(".")).with_suffix(".py")
            if path.exists() and "__tablename__" in path.read_text("utf-8"):
                importlib.import_module(found.name)


def main() -> None:
    """Write `statements/0001.<dialect>.sql` for both databases."""
    later = [path.name for path in (HOME / "versions").glob("0*.py") if not path.name.startswith("0001")]
    if later:
        sys.exit(f"The first migration has been followed by {', '.join(sorted(later))}: write the next one by hand.")
    import_models()
    (HOME / "statements").mkdir(exist_ok=True)
    for dialect in ("sqlite", "postgresql"):
        text = "".join(f"{statement};\n\n" for statement in schema.statements(dialect))
        (HOME / "statements" / f"0001.{dialect}.sql").write_text(text.replace("\t", "  ").replace(" \n", "\n"), "utf-8")
    print(f"{len(Model.metadata.tables)} tables written down.")


if __name__ == "__main__":
    main()
