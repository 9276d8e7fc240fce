"""A keeper for the Data health page that reports what a test writes down, and notes what it is asked to do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dashboards.health import (
    Configuration,
    CoverageHealth,
    DataFolder,
    HealthReport,
    Origin,
    ReasonCount,
    Records,
    RejectedHealth,
    RejectedLine,
)
from dashboards.health_sources import Collection, SourceHealth
from page_reader import NOW
from tribometer.errors import TribometerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.health import Visitor

SHARE = {"share": 0.9, "floor": 0.8, "of": "all"}
SOURCE = SourceHealth(
    name="git:acme/shop",
    kind="git",
    last_success_at=NOW,
    age_seconds=90.0,
    last_error=None,
    remarks=(),
    collecting=False,
    every_seconds=900.0,
    next_run_at=NOW,
    stale=False,
    last_run=None,
)
SOUND = HealthReport(
    ok=True,
    findings=(),
    checked_at=NOW,
    demo=False,
    service_running=True,
    configuration=Configuration("tribometer.toml", ("git",), from_this_clone=False, problems=(), secrets=()),
    data_folder=DataFolder(
        path="/data",
        exists=True,
        mode="0700",
        key_file_mode="0600",
        store_bytes=12 * 2**20,
        store_version=4,
        spill_bytes=0,
        free_bytes=80 * 2**30,
        memory_limit="512MB",
    ),
    records=Records("SQLite", "/data/records.sqlite", answers=True, schema="0001", problem=None),
    sources=(SOURCE,),
    coverage=(CoverageHealth("change_lead_time", "Change lead time", "ok", SHARE, None, "Do"),),
    rejected=RejectedHealth(0, (), ()),
    unmapped_environments=(),
    mapped_environments=(),
    tiers=("production", "test"),
    origins=(Origin("shop", "explicit", 12, 3, "explicit ones landed"),),
    versions={"python": "3.11", "tribometer": "0.1.0"},
)
EMPTY = replace(SOUND, sources=(), coverage=(), origins=())


def report(**changed: Any) -> HealthReport:
    """A report in which all is well, but for what is given."""
    return replace(SOUND, **changed)


def with_rejected(*reasons: str) -> HealthReport:
    """A report with one rejected event a reason, numbered from 1."""
    lines = tuple(
        RejectedLine(number, "events.jsonl", number, reason, f"content {number}", NOW)
        for number, reason in enumerate(reasons, start=1)
    )
    counts = tuple(ReasonCount(reason, reasons.count(reason)) for reason in dict.fromkeys(reasons))
    return report(rejected=RejectedHealth(len(lines), counts, lines[::-1]))


@dataclass
class WrittenKeeper:
    """Reports ``found``; ``forbidden`` forbids, ``fails`` fails every action; ``asked`` notes each."""

    found: HealthReport = SOUND
    forbidden: str | None = None
    fails: str | TribometerError | None = None
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    going: tuple[Collection, ...] = ()

    def health(self) -> HealthReport:
        """The written report."""
        return self.found

    def rejected(self, reason: str | None, limit: int) -> Sequence[RejectedLine]:
        """Those of the report."""
        return [each for each in self.found.rejected.newest if reason in {None, each.reason}][:limit]

    def forbids(self, _visitor: Visitor) -> str | None:
        """What the test says."""
        return self.forbidden

    def resend(self, numbers: Sequence[int] | None) -> str:
        """Noted."""
        return self._act("resend", numbers)

    def discard(self, numbers: Sequence[int] | None) -> str:
        """Noted."""
        return self._act("discard", numbers)

    def map_environment(self, environment: str, tier: str | None) -> str:
        """Noted."""
        return self._act("map_environment", environment, tier)

    def collect(self, source: str) -> str:
        """Noted."""
        return self._act("collect", source)

    def collections(self) -> Sequence[Collection]:
        """What the test says is going on."""
        return self.going

    def check_credentials(self) -> str:
        """Noted."""
        return self._act("check_credentials")

    def _act(self, *asked: Any) -> str:
        self.asked.append(asked)
        if self.fails:
            raise UsageError(self.fails) if isinstance(self.fails, str) else self.fails
        return f"done: {asked[0]}"
