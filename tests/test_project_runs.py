"""How tests are run: one command, nothing from outside this machine, and never green with nothing run."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from pytest_socket import SocketConnectBlockedError

ROOT = Path(__file__).parents[1]
DOCUMENTATION_ADDRESS = "192.0.2.1"  # RFC 5737: leads nowhere


def pytest_in_ci(folder: Path) -> int:
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    command = [sys.executable, "-m", "pytest", "-o", f"pythonpath={ROOT / 'tests'}", "-p", "no:cacheprovider"]
    return subprocess.run(command, cwd=folder, env=os.environ | {"CI": "true"}, check=False).returncode


def test_the_readme_has_the_one_test_command_that_ci_looks_for() -> None:
    pattern = re.search(r"grep -x '(.+)' README\.md", (ROOT / ".ci" / "run").read_text())
    assert pattern
    assert len(re.findall(f"^{pattern[1]}$", (ROOT / "README.md").read_text(), re.MULTILINE)) == 1


@pytest.mark.parametrize(("body", "code"), [("pass", 0), ("pytest.skip()", 5)])
def test_a_ci_run_in_which_every_test_was_skipped_fails(tmp_path: Path, body: str, code: int) -> None:
    (tmp_path / "test_one.py").write_text(f"import pytest\n\ndef test_one():\n    {body}\n")
    assert pytest_in_ci(tmp_path) == code


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_no_test_reaches_another_machine() -> None:
    with pytest.raises(SocketConnectBlockedError):
        socket.create_connection((DOCUMENTATION_ADDRESS, 80), timeout=1)


def test_generated_examples_are_the_same_in_every_ci_run() -> None:
    assert settings.get_profile("ci").derandomize
