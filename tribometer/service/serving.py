"""``tribometer up``: serve until told to stop."""

from __future__ import annotations

import logging
import os
import signal
import sys
import webbrowser
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from threading import Timer
from typing import TYPE_CHECKING, Any

import uvicorn

from tribometer.service import asgi, collecting, first_collection, logs, schedule, unconfigured
from tribometer.service.access import Access
from tribometer.service.address import Address
from tribometer.service.configured import configured
from tribometer.service.digest.sending import Digests
from tribometer.service.first_collection import FirstCollection
from tribometer.service.listening import CannotListen
from tribometer.service.surveys.advancing import Advancing
from tribometer.service.timing import Schedule

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from apscheduler.schedulers.background import BackgroundScheduler
    from starlette.types import ASGIApp

    from collectors.base import Collector
    from tribometer.service.instance import Instance
    from tribometer.service.listening import Listening

LOG = logging.getLogger(__name__)
SURVEYS, DIGEST = "surveys", "digest"
"""The jobs that move surveys on and send the digest; sources have a colon in their names."""
EVERY_MINUTE = Schedule(timedelta(minutes=1))
GRACE_SECONDS = 3
BROWSER_DELAY = 0.5


def serve(instance: Instance, listening: Listening, *, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; calls ``ready`` with the address when there is something to see.

    A first collection comes before that, while commands are answered already: none has to wait for its end.
    """
    address = Address(listening.url)
    records = instance.records  # opened before anything is served: what is wrong with it is said here
    access = Access(address.token, instance.settings.allow_open_access_without_sign_in, records.tokens.scopes_of)
    unconfigured.drop_failures(instance)
    first = first_collection.is_due(instance)
    surveys = Advancing(instance, listening.url)
    digests = Digests(instance, listening.url)
    found = [
        *jobs(instance, due=not first),
        schedule.Job(SURVEYS, EVERY_MINUTE, surveys.advance),
        schedule.Job(DIGEST, EVERY_MINUTE, digests.advance),
    ]
    running: list[BackgroundScheduler] = []

    def begin() -> None:
        running.append(schedule.started(found, records))
        ready(listening.url)

    collection = FirstCollection(instance, begin)

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:  # noqa: ANN401 - Streamlit's app
        logs.take_over()  # again: Streamlit has made its routes now, and their logs with them
        address.write(instance.settings.data)
        (collection.start if first else begin)()
        instance.numbers.renewal.start()
        try:
            yield
        finally:
            Address.forget(instance.settings.data)
            instance.end_collections()
            surveys.end()
            instance.numbers.renewal.stop(GRACE_SECONDS)
            if first:
                collection.stop(GRACE_SECONDS)
            for each in running:
                each.shutdown(wait=False)
            instance.underway.wait(GRACE_SECONDS)

    whole = asgi.app(instance, access, lambda: any(each.running for each in running), lifespan)
    logs.take_over()
    _run(whole, listening)


def _run(app: ASGIApp, listening: Listening) -> None:
    """Being told to stop is how a service ends, not a failure: uvicorn sends the signal on after its shutdown."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, proxy_headers=False, timeout_graceful_shutdown=GRACE_SECONDS
    )
    server = uvicorn.Server(config)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    server.run(sockets=[listening.socket])
    if not server.started:
        raise CannotListen(f"{listening.url} could not be served; the lines above and the log say why.")


def jobs(instance: Instance, *, due: bool) -> Iterator[schedule.Job]:
    """Yield one job per source in force; where a first collection goes before (not ``due``), it tells what is wrong."""
    for source in configured(instance):
        if source.collector is not None:
            yield schedule.Job(source.name, source.schedule, partial(_collect, instance, source.collector), due)
        elif due:
            LOG.warning("%s", source.problem)


def _collect(instance: Instance, collector: Collector) -> None:
    """Collect what is due, unless somebody is at it: then it has its turn."""
    if collector.name in instance.collecting():
        LOG.info("%s is being collected already", collector.name)
    else:
        collecting.collect_one(instance, collector)


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
