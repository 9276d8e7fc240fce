"""What holds for every test: reproducible examples, no foreign hosts, no green run in which nothing ran.

Sockets reach this machine only and warnings are errors: both are set in ``pyproject.toml``.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

import postgresql

if TYPE_CHECKING:
    from playwright.sync_api import Browser

IN_CI = bool(os.environ.get("CI"))

# no deadline: a loaded machine is no reason to fail
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True, max_examples=50)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if IN_CI else "dev")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a CI run in which every test was skipped, as pytest itself fails one that collects none."""
    if hasattr(session.config, "workerinput"):
        return  # one of several workers: the process that gathers their results decides
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if IN_CI and exitstatus == pytest.ExitCode.OK and not (reporter and reporter.stats.get("passed")):
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A running Chromium."""
    # only where it is asked for: most tests need no browser, and it takes a second to import
    from browser_service import chromium  # noqa: PLC0415

    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    """A server that this test process started; where none is installed, only CI insists on it."""
    programs = postgresql.programs()
    if programs is None:
        missing = "PostgreSQL's server is not installed (Debian: apt-get install postgresql)"
        (pytest.fail if IN_CI else pytest.skip)(missing)
    with postgresql.server(programs) as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def records_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database for records, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/records.sqlite"
    started: postgresql.Server = request.getfixturevalue("postgresql_server")
    return started.new_database()
