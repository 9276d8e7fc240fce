"""The linters run as tests, so the README's one test command includes them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RECIPE = re.search(r"^check:\n((?:    .+\n)+)", (ROOT / "justfile").read_text(), re.MULTILINE)
CHECKS = re.findall(r"\{\{bin\}\}(.+)", RECIPE[1]) if RECIPE else []


def test_just_check_runs_formatter_linter_types_and_layers() -> None:
    assert [check.split()[0] for check in CHECKS] == ["ruff", "ruff", "mypy", "lint-imports"]


def test_pre_commit_runs_what_just_check_runs() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"entry: \.venv/bin/(.+)", hooks) == CHECKS


@pytest.mark.parametrize("check", CHECKS)
def test_the_project_passes(check: str) -> None:
    program, *arguments = check.split()
    run = subprocess.run(
        [Path(sys.executable).with_name(program), *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
