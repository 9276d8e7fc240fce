"""`tribometer up` in a process of its own, at the hour at which the generated data ends."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from delivery_history import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

CLOCKED = Path(__file__).with_name("clocked.py")
READY_WITHIN, REST_WITHIN = 120.0, 1_800.0
ENDS_WITHIN = 20
IDLE, QUIET = 0.1, 20
"""A service rests when for QUIET seconds in a row it took no more than IDLE of a processor."""
USER_TIME, SYSTEM_TIME = 11, 12
"""Places in /proc/PID/stat behind the name of the program."""


@dataclass(frozen=True)
class Service:
    """A service that runs: its address, the id of its process, and the seconds until it was ready."""

    url: str
    process: int
    ready: float
    started: float

    @property
    def peak(self) -> float:
        """The most memory that it has held, in GB."""
        lines = Path(f"/proc/{self.process}/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1e6

    def rested(self) -> float:
        """Wait until what it does behind the pages is done; the seconds from its start until then."""
        quiet, spent = 0, self._spent
        while quiet < QUIET:
            if time.monotonic() - self.started > REST_WITHIN:
                sys.exit(f"the service does not come to rest within {REST_WITHIN:.0f} s")
            time.sleep(1.0)
            before, spent = spent, self._spent
            quiet = quiet + 1 if spent - before < IDLE else 0
        return time.monotonic() - self.started - QUIET

    @property
    def _spent(self) -> float:
        fields = Path(f"/proc/{self.process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[USER_TIME]) + int(fields[SYSTEM_TIME])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(data: Path) -> Iterator[Service]:
    """Serve a data folder until the block ends; where the block fails, what the service said is printed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    url, log, started = f"http://127.0.0.1:{port}", data.with_name("up.log"), time.monotonic()
    with (
        log.open("w") as said,
        subprocess.Popen(_command(data, port), cwd=data.parent, stdout=said, stderr=said) as up,  # noqa: S603 - ours
    ):
        try:
            _until_ready(url, up)
            yield Service(url, up.pid, time.monotonic() - started, started)
        except BaseException:
            print(log.read_text(encoding="utf-8"), file=sys.stderr)
            raise
        finally:
            _end(up)


def _command(data: Path, port: int) -> list[str]:
    ahead = (NOW - datetime.now(UTC)).total_seconds()
    # -P: the folder of the script would stand before every package
    asked = [sys.executable, "-P", str(CLOCKED), str(ahead), "--data", str(data)]
    return [*asked, "up", "--port", str(port), "--no-browser"]


def _until_ready(url: str, up: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_WITHIN
    while up.poll() is None and time.monotonic() < until:
        try:
            if httpx.get(f"{url}/readyz", timeout=5, trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    sys.exit("the service was not ready in time")


def _end(up: subprocess.Popen[bytes]) -> None:
    up.terminate()
    try:
        up.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        up.kill()
