"""What the Data health page asks and has done: the doctor's report kept for a moment, and operations put in words."""

from __future__ import annotations

import logging
import time
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from dashboards.health import NothingLanded
from tribometer.errors import TribometerError, UsageError
from tribometer.service import collecting, doctor, doctor_credentials, doctor_rejected, environments, importing
from tribometer.service.configured import configured
from tribometer.service.underway import ServiceEnds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collectors.base import Collector
    from dashboards.health import HealthReport, RejectedLine, Visitor
    from dashboards.health_sources import Collection, CredentialHealth
    from tribometer.service.access import Access
    from tribometer.service.instance import Instance

LOG = logging.getLogger(__name__)
FRESH_SECONDS = 10.0
A_MOMENT = 1.0
"""Seconds for a collection to begin, so that the page that is drawn next shows it."""
THIS_MACHINE = ("127.0.0.1", 0)
A_DEMO = (
    "This is a demo: its data is generated, and nothing can be changed in it. Start `tribometer up` without --demo."
)
FROM_ELSEWHERE = (
    "Nobody is signed in, so only a browser on the machine that the service runs on may change something. "
    "There, or with `tribometer` commands in its folder, all of this can be done."
)


class Keeping:
    """The keeper of one instance. Safe to use from several threads."""

    def __init__(self, instance: Instance, access: Access) -> None:
        """``access`` says who may act: the same who may write through the API without a token."""
        self._instance = instance
        self._access = access
        self._guard = Lock()
        self._kept: HealthReport | None = None
        self._kept_for: tuple[int, float] = (0, 0.0)
        self._credentials: tuple[CredentialHealth, ...] | None = None

    def health(self) -> HealthReport:
        """Return the doctor's report, at most some seconds old and never older than the last landing."""
        with self._guard:
            generation, now = self._instance.numbers.generation, time.monotonic()
            if self._kept is None or generation != self._kept_for[0] or now > self._kept_for[1]:
                self._kept = doctor.report(self._instance, _silent, self._credentials)
                self._kept_for = (generation, time.monotonic() + FRESH_SECONDS)
            return self._kept

    def rejected(self, reason: str | None, limit: int) -> Sequence[RejectedLine]:
        """Return the newest rejected events, of one reason or of all."""
        return doctor_rejected.newest(self._instance, reason, limit)

    def forbids(self, visitor: Visitor) -> str | None:
        """Tell why this visitor may not act: a demo stays as it is; without sign-in only this machine is trusted."""
        if self._instance.numbers.demo:
            return A_DEMO
        headers = [(name.lower().encode(), value.encode()) for name, value in visitor.headers.items()]
        client = (visitor.address, 0) if visitor.address else THIS_MACHINE
        try:
            self._access.may_write(HTTPConnection({"type": "http", "client": client, "headers": headers}))
        except HTTPException:
            return FROM_ELSEWHERE
        return None

    def resend(self, numbers: Sequence[int] | None) -> str:
        """Try rejected events again; raise `NothingLanded` when none of them landed."""
        done = importing.import_files(self._instance, {"resend": True, "numbers": numbers}, _silent)
        self._forget()
        landed = ", ".join(f"{done[name]:,} {name}" for name in ("new", "updated", "unchanged"))
        left = f" {done['rejected']:,} were rejected again: their reasons still stand." if done["rejected"] else ""
        words = f"Sent again: {landed}.{left}"
        if done["rejected"] and not any(done[name] for name in ("new", "updated", "unchanged")):
            raise NothingLanded(words)
        return words

    def discard(self, numbers: Sequence[int] | None) -> str:
        """Drop rejected events for good."""
        done = importing.discard(self._instance, {"numbers": numbers}, _silent)
        self._forget()
        return f"Dropped {done['discarded']:,} rejected events; {done['kept']:,} are still kept."

    def map_environment(self, environment: str, tier: str | None) -> str:
        """Give an environment a tier; None takes it away again."""
        environments.map_environment(self._instance, {"environment": environment, "tier": tier}, _silent)
        self._forget()
        if tier is None:
            return f"{environment} has no tier any more, as before: its deployments do not count."
        counts = "its deployments count now" if tier == environments.PRODUCTION else "its deployments do not count"
        return f"{environment} is {tier}: {counts}. The number pages show it at once."

    def collect(self, source: str) -> str:
        """Begin to collect a source; its end stands in the report."""
        collector = self._collector(source)
        if source in self._instance.collecting():
            return f"{source} is being collected already."
        self._instance.audit("source.collect", source)
        begun = self._instance.underway.begun
        Thread(target=self._collect, args=(collector,), name=f"collection of {source}", daemon=True).start()
        self._instance.underway.wait_for_another(begun, A_MOMENT)
        self._forget()
        return f"{source} is being collected; below is how far it is."

    def collections(self) -> Sequence[Collection]:
        """What is being collected now, from memory."""
        return self._instance.underway.now()

    def check_credentials(self) -> str:
        """Try every source's credential, and keep what came of it for the reports from now on."""
        self._credentials = doctor_credentials.tried(self._instance)
        self._forget()
        if not self._credentials:
            return "No source has a credential to try."
        bad = sum(bool(each.problem) or not all(one.granted for one in each.permissions) for each in self._credentials)
        tried = f"{len(self._credentials):,} tried"
        return (
            f"{tried}: every one may do all it is for."
            if not bad
            else f"{tried}, {bad:,} of them lack something: see what to do."
        )

    def _collector(self, source: str) -> Collector:
        for each in configured(self._instance):
            if each.name == source and each.collector:
                return each.collector
        raise UsageError(f"{source} cannot be collected: it is not configured, or not there. The findings say more.")

    def _collect(self, collector: Collector) -> None:
        try:
            collecting.collect_one(self._instance, collector)
        except ServiceEnds as ends:
            LOG.info("%s: %s", collector.name, ends)
        except TribometerError as error:
            LOG.warning("%s", error)
        finally:
            self._forget()

    def _forget(self) -> None:
        with self._guard:
            self._kept = None


def _silent(_message: Mapping[str, Any]) -> None:
    """Nobody waits at a terminal."""
