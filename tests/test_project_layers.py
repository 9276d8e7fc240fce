"""Each import contract is kept by the tree and broken by an import planted against it."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]

PLANTED = [
    ("layers", "tribometer/errors.py", "import tribometer.store"),
    ("layers", "tribometer/store/__init__.py", "import metrics"),
    ("layers", "tribometer/store/__init__.py", "import tribometer.demo"),
    ("layers", "tribometer/demo/__init__.py", "import tribometer.store"),
    ("layers", "metrics/__init__.py", "import dashboards"),
    ("layers", "metrics/__init__.py", "import surveys"),
    ("layers", "surveys/__init__.py", "import collectors"),
    ("layers", "collectors/__init__.py", "import metrics"),
    ("layers", "dashboards/__init__.py", "import tribometer.service"),
    ("complete", "tribometer/stray.py", "import json"),
    ("streamlit", "metrics/__init__.py", "import streamlit"),
    ("streamlit", "tribometer/service/__init__.py", "from streamlit import config"),
    ("httpx", "dashboards/__init__.py", "import httpx"),
    ("httpx", "tribometer/service/__init__.py", "import httpx"),
    ("httpx", "collectors/github/parse.py", "import httpx"),
    ("sources", "collectors/gitlab/parse.py", "import collectors.github.parse"),
    ("databases", "tribometer/service/__init__.py", "import duckdb"),
    ("databases", "metrics/__init__.py", "from sqlalchemy import select"),
    ("databases", "dashboards/__init__.py", "from alembic import op"),
    ("databases", "tribometer/demo/__init__.py", "import duckdb"),
    ("pandas", "collectors/__init__.py", "import pandas as pd"),
    ("pandas", "dashboards/__init__.py", "import pandas as pd"),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a copy of the packages and of the contracts that hold for them."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in CONTRACTS["root_packages"]:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def verdict(tree: Path, *options: str) -> str:
    """Return what lint-imports says about the packages in `tree`, not about the installed ones."""
    program = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [program, "--no-logo", "--no-cache", *options], cwd=tree, capture_output=True, text=True, check=False
    )
    return run.stdout + run.stderr


def test_the_tree_as_it_is_keeps_every_contract(tree: Path) -> None:
    assert f"Contracts: {len(CONTRACTS['contracts'])} kept, 0 broken." in verdict(tree)


@pytest.mark.parametrize(("contract", "module", "line"), PLANTED)
def test_a_planted_import_breaks_its_contract(tree: Path, contract: str, module: str, line: str) -> None:
    with (tree / module).open("a") as source:
        source.write(f"\n{line}\n")
    assert "Contracts: 0 kept, 1 broken." in verdict(tree, "--contract", contract)


def test_every_contract_has_an_import_planted_against_it() -> None:
    assert {contract for contract, _, _ in PLANTED} == {contract["id"] for contract in CONTRACTS["contracts"]}
