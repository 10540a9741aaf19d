"""The floors hold: every contract of the house is broken here once on purpose, and the linter names it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # Every broken contract is a run of the linter.

ROOT = Path(__file__).parent.parent
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
}
BREAKS = [
    ("floors", "ground/clock.py", "from ledger import books"),
    ("floors", "ledger/books.py", "from cooperative import members"),
    ("floors", "cooperative/members.py", "from inventory import products"),
    ("floors", "inventory/products.py", "from storefront import orders"),
    ("floors", "inventory/pools.py", "from proceeds import rules"),
    ("floors", "storefront/orders.py", "import admin.commands.work"),
    ("roof", "ground/clock.py", "import settings"),
    ("roof", "admin/commands/work.py", "from app import create_app"),
    ("neighbours", "storefront/orders.py", "from proceeds import rules"),
    ("neighbours", "proceeds/rules.py", "def late() -> None:\n    from storefront import orders"),
    ("doors", "inventory/pricing.py", "import flask"),
    ("doors", "ledger/audit.py", "from werkzeug.exceptions import NotFound"),
    ("doors", "cooperative/people.py", "from flask_login import UserMixin"),
    ("doors", "ground/db.py", "from flask import g"),
    ("stripe", "storefront/card_payments.py", "import stripe"),
    ("stripe", "admin/commands/audit.py", "from stripe import StripeClient"),
]


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    """The linter's verdict on the house in this folder."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache", "--no-logo"], cwd=house, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house to break things in."""
    copy = tmp_path_factory.mktemp("house")
    for floor in ("admin", "storefront", "proceeds", "inventory", "cooperative", "ledger", "ground"):
        shutil.copytree(ROOT / floor, copy / floor, ignore=shutil.ignore_patterns("__pycache__"))
    for single in ("app.py", "settings.py", "pyproject.toml"):
        shutil.copy(ROOT / single, copy / single)
    return copy


def test_the_house_as_it_stands_breaks_nothing(house: Path):
    verdict = lint(house)
    assert verdict.returncode == 0, verdict.stdout
    assert f"{len(CONTRACTS)} kept, 0 broken" in verdict.stdout


@pytest.mark.parametrize(("contract", "file", "line"), BREAKS)
def test_a_broken_floor_is_named(contract: str, file: str, line: str, house: Path):
    path = house / file
    before = path.read_text("utf-8")
    path.write_text(f"{before}\n\n{line}\n", "utf-8")
    try:
        verdict = lint(house)
    finally:
        path.write_text(before, "utf-8")
    assert verdict.returncode == 1
    assert f"{CONTRACTS[contract]} BROKEN" in verdict.stdout


def test_every_contract_is_broken_at_least_once():
    assert {contract for contract, _file, _line in BREAKS} == set(CONTRACTS)
