"""A PostgreSQL server for tests: started from what Debian installs, in a folder of its own, gone afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DEBIAN = Path("/usr/lib/postgresql")
USER = "postgres"
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=40")
PATIENCE = 60


def programs() -> Path | None:
    """Return the folder of the server's programs, the newest version's; None where no server is installed."""
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda found: float(found.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which("initdb")
    return Path(found).parent if found else None


@dataclass(frozen=True)
class Server:
    """A running server: its programs, and the folder of its socket."""

    programs: Path
    place: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"records_{next(self._numbers)}"
        subprocess.run([self.programs / "createdb", "-h", self.place, "-U", USER, name], check=True)
        return f"postgresql://{USER}@/{name}?host={self.place}"


@contextmanager
def server(programs: Path) -> Iterator[Server]:
    """Run a server without a network.

    A socket's path may be 107 bytes long, and the server refuses to run as root: so a short folder of the right owner.
    """
    place = Path(tempfile.mkdtemp(prefix="pg-"))
    owner = USER if os.geteuid() == 0 else None
    if owner:
        shutil.chown(place, owner, owner)
    try:
        with _running(programs, place, owner):
            yield Server(programs, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _running(programs: Path, place: Path, owner: str | None) -> Iterator[None]:
    data = place / "data"
    make: list[str | Path] = [
        programs / "initdb",
        "-D",
        data,
        "-U",
        USER,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-locale",
        "--no-sync",
    ]
    subprocess.run(make, user=owner, group=owner, extra_groups=owner and [], cwd=place, check=True, capture_output=True)
    options = (*FAST, "listen_addresses=", f"unix_socket_directories={place}")
    serve: list[str | Path] = [
        programs / "postgres",
        "-D",
        data,
        *(word for option in options for word in ("-c", option)),
    ]
    log = place / "log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            serve, user=owner, group=owner, extra_groups=owner and [], cwd=place, stdout=out, stderr=out
        ) as process,
    ):
        try:
            _await([programs / "pg_isready", "-q", "-h", place], process, log)
            yield
        finally:
            process.send_signal(signal.SIGINT)  # fast: without waiting for those who are connected
            process.wait(PATIENCE)


def _await(question: list[str | Path], process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + PATIENCE
    while subprocess.run(question, check=False).returncode:
        if process.poll() is not None or time.monotonic() > ends:
            raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")
        time.sleep(0.05)
