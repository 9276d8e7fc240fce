"""A page of HTML printed as PDF by the Chromium of this machine: one at a time, with nothing fetched."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Lock

from tribometer.errors import TribometerError

LOG = logging.getLogger(__name__)
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
)
SECONDS = 60.0
PATIENCE = 30.0
"""Seconds that a second reader waits for the first one's PDF."""
BY_HAND = "Open the report as a web page and print it from a browser instead."
BEGINNING = b"%PDF"
_ONE = Lock()


class NoChromium(TribometerError):
    """No program that could print is installed."""

    def __init__(self) -> None:
        """Say what would do."""
        super().__init__(f"A PDF takes one of {', '.join(PROGRAMS)} on the path, and none is there. {BY_HAND}")


class NotPrinted(TribometerError):
    """The program did not print this time; a later try may succeed."""

    transient = True


def program() -> str | None:
    """The path of the first program that can print; None where none is installed."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def printed(page: str) -> bytes:
    """The page as PDF; `NoChromium` without a program, `NotPrinted` where it fails or others are in the way."""
    found = program()
    if found is None:
        raise NoChromium
    if not _ONE.acquire(timeout=PATIENCE):
        raise NotPrinted(f"Another PDF is being made; try again in a moment. {BY_HAND}")
    try:
        # what a browser leaves to its last moment may be written while the folder goes
        with tempfile.TemporaryDirectory(prefix="tribometer-pdf-", ignore_cleanup_errors=True) as folder:
            return _printed(found, page, Path(folder))
    finally:
        _ONE.release()


def _printed(found: str, page: str, folder: Path) -> bytes:
    source, target = folder / "report.html", folder / "report.pdf"
    source.write_text(page, encoding="utf-8")
    # in a container everybody is root, for whom the sandbox does not start
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    places = [f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={target}", source.as_uri()]
    with (folder / "log").open("w+b") as log:
        code = _run([found, *flags, *places], log.fileno())
        made = target.read_bytes() if target.exists() else b""
        if code != 0 or not made.startswith(BEGINNING):
            log.seek(0)
            LOG.warning("%s ended with %s: %s", found, code, log.read().decode(errors="replace")[-500:])
            raise NotPrinted(f"{found} made no PDF{f' in {SECONDS:.0f} seconds' if code is None else ''}. {BY_HAND}")
    return made


def _run(command: list[str], log: int) -> int | None:
    """Run to the end and give the exit code; None where it took too long, and was ended with all that it started."""
    with subprocess.Popen(  # noqa: S603 - no shell, and every path is one of ours
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True
    ) as running:
        try:
            return running.wait(SECONDS)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if running.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(running.pid, signal.SIGKILL)
