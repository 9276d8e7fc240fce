"""``tribometer up``: collect if nothing was collected yet, then serve until told to stop."""

from __future__ import annotations

import logging
import logging.handlers
import os
import signal
import socket
import sys
import webbrowser
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from threading import Timer
from typing import TYPE_CHECKING, Any

import uvicorn

from tribometer.errors import TribometerError, UsageError
from tribometer.service import asgi, collecting, schedule, sources
from tribometer.service.access import Access, is_loopback
from tribometer.service.address import Address

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from apscheduler.schedulers.background import BackgroundScheduler

    from tribometer.service.instance import Instance
    from tribometer.settings import Settings

LOG = logging.getLogger(__name__)
GRACE_SECONDS = 3
LOG_FILE = "service.log"
LOG_BYTES = 5 * 2**20
BROWSER_DELAY = 0.5


class CannotListen(TribometerError):
    """The address cannot be taken."""

    exit_code = 1


@dataclass(frozen=True)
class Listening:
    """A bound socket and the address to tell people."""

    socket: socket.socket
    url: str


def check_binding(settings: Settings, host: str) -> None:
    """Refuse to show an organisation's numbers to a whole network by accident."""
    if is_loopback(host) or settings.allow_open_access_without_sign_in:
        return
    raise UsageError(
        f"--host {host}: other machines could read everything, because nobody has to sign in. "
        "Use 127.0.0.1 behind a proxy that asks for a sign-in, or set allow_open_access_without_sign_in = true.",
    )


def listen(host: str, port: int) -> Listening:
    """Bind before anything else is done; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host.strip("[]"), port))
    except (OSError, OverflowError) as error:
        bound.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotListen(
            f"{host}:{port} cannot be used: {reason}. Try another port: tribometer up --port {port + 1}"
        ) from error
    return Listening(bound, f"http://{_shown(host)}:{bound.getsockname()[1]}")


def _shown(host: str) -> str:
    """Return a name by which this machine reaches the address it binds."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def serve(instance: Instance, listening: Listening, *, ready: Callable[[str], None], collected: bool) -> None:
    """Serve until SIGTERM or SIGINT; calls ``ready`` with the address just before the first request can come.

    ``collected`` says that the sources were read just now.
    """
    address = Address(listening.url)
    access = Access(address.token, instance.settings.allow_open_access_without_sign_in)
    running: list[BackgroundScheduler] = []

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:  # noqa: ANN401 - Streamlit's app
        running.append(schedule.started(jobs(instance, due=not collected)))
        address.write(instance.settings.data)
        ready(listening.url)
        try:
            yield
        finally:
            Address.forget(instance.settings.data)
            running.pop().shutdown(wait=False)

    whole = asgi.app(instance, access, lambda: any(each.running for each in running), lifespan)
    config = uvicorn.Config(
        whole, log_config=None, access_log=False, proxy_headers=False, timeout_graceful_shutdown=GRACE_SECONDS
    )
    _own_server_log()
    _run(uvicorn.Server(config), listening)


def _run(server: uvicorn.Server, listening: Listening) -> None:
    """Being told to stop is how a service ends, not a failure: uvicorn sends the signal on after its shutdown."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    server.run(sockets=[listening.socket])
    if not server.started:
        raise CannotListen(f"{listening.url} could not be served; the lines above and the log say why.")


def jobs(instance: Instance, *, due: bool) -> Iterator[schedule.Job]:
    """Yield one job per source in force."""
    for table in sources.tables(instance.settings, instance.folder):
        [every] = sources.schedules([table])
        found, unreadable = collecting.collectors(instance, [table])
        for collector in found:
            yield schedule.Job(collector.name, every, partial(collecting.collect_one, instance, collector), due)
        for error in unreadable:
            LOG.warning("%s", error)


def log_to(folder: Path) -> None:
    """Keep everything in the data folder's log; the terminal gets one line per warning, no traceback."""
    file = logging.handlers.RotatingFileHandler(folder / LOG_FILE, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.WARNING)
    terminal.setFormatter(_OneLine("%(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[file, terminal], force=True)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def _own_server_log() -> None:
    """Send uvicorn's log where ours goes: importing Streamlit gives it handlers of its own."""
    for name in ("uvicorn", "uvicorn.access", "uvicorn.asgi", "uvicorn.error"):
        log = logging.getLogger(name)
        log.handlers.clear()
        log.propagate = True
        log.setLevel(logging.WARNING)


class _OneLine(logging.Formatter):
    def formatException(self, ei: object) -> str:  # noqa: N802 - the name is the library's
        del ei
        return "(the log in the data folder has the details)"


def open_browser(url: str) -> None:
    """Show the page where a person sits in front of it, a moment after it can be served."""
    if _wants_browser():
        timer = Timer(BROWSER_DELAY, webbrowser.open, [url])
        timer.daemon = True
        timer.start()


def _wants_browser() -> bool:
    """Whether a person sits at this machine: a terminal, and a desktop where the system has such a thing."""
    desktop = sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return sys.stderr.isatty() and desktop
