"""Programs and descriptions of others that slow tests run or read: installed once for all processes of a test run."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conftest import IN_CI

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FOLDER_VARIABLE = "FOREIGN_PACKAGES"
"""A folder to keep them in; without it they are installed anew for every test run."""
NPM = ("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--fetch-retries=1", "--loglevel=error")
INSTALL_SECONDS = 420


def from_npm(name: str, packages: Mapping[str, str], factory: pytest.TempPathFactory) -> Path:
    """The folder with these packages of npm (name -> version) in its ``node_modules``."""
    if missing := [program for program in ("node", "npm") if shutil.which(program) is None]:
        unavailable(f"{' and '.join(missing)} is not installed (Debian: apt-get install nodejs npm)")
    wanted = json.dumps({"name": f"{name}-under-test", "private": True, "dependencies": dict(packages)})

    def install(folder: Path) -> None:
        (folder / "package.json").write_text(wanted)
        _run(NPM, folder, name)

    return _kept(name, wanted, factory, install)


def from_pip(name: str, packages: Sequence[str], factory: pytest.TempPathFactory) -> Path:
    """A virtual environment of their own for these packages; `test_project_install` has the project's."""

    def install(folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        _run([str(folder / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", *packages], folder, name)

    return _kept(name, json.dumps(packages), factory, install)


def unavailable(reason: str) -> None:
    """Skip what needs them; only CI insists."""
    (pytest.fail if IN_CI else pytest.skip)(reason)


def _kept(name: str, wanted: str, factory: pytest.TempPathFactory, install: Callable[[Path], None]) -> Path:
    mine = factory.getbasetemp()
    shared = mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine
    folder = Path(os.environ.get(FOLDER_VARIABLE) or shared / "foreign-packages") / name
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "installed.json"
    with (folder / "lock").open("w") as lock:
        # the first test process installs, the others wait for it
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (done.exists() and done.read_text() == wanted):
            install(folder)
            done.write_text(wanted)
    return folder


def _run(command: Sequence[str], folder: Path, name: str) -> None:
    try:
        done = subprocess.run(command, cwd=folder, timeout=INSTALL_SECONDS, capture_output=True, text=True, check=False)
    except subprocess.TimeoutExpired:
        unavailable(f"{name} was not installed within {INSTALL_SECONDS} s")
        return
    if done.returncode:
        unavailable(f"{name} cannot be installed: {done.stderr[-500:]}")
