"""Which workflow runs to look at: back to what was read before, once a day back to where re-runs end, and open ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collectors.github.reading import before, stamp
from collectors.http.paging import LinkPages, total_of
from collectors.parsed import part, parts, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from collectors.forge.reading import State
    from collectors.github.reading import GitHubReading
    from collectors.http.exchange import Answer

    Raw = Mapping[str, Any]

PER_PAGE = 100
MOST_LISTED = 1_000
"""GitHub's documentation: a list with a filter ends there."""
OVERLAP = timedelta(days=3)
RERUN = timedelta(days=30)
"""GitHub's documentation: how long a run can be started again."""
DAILY = timedelta(days=1)
SKEW = timedelta(hours=1)
"""How far a server's clock may be from ours."""


def attempt_of(raw: Raw) -> int:
    """Number of the attempt; servers that count none have one."""
    attempt = part(raw, "run_attempt")
    return attempt if isinstance(attempt, int) and attempt > 0 else 1


@dataclass
class RunWalk:
    """How far the runs of a repository are.

    ``since``: when the newest run of the last whole walk was created. ``seen``: what runs of the overlap, and those
    that had not ended, looked like, by their number. ``open``: runs that had not ended. ``swept``: when the last 30
    days were looked through. While a walk is under way, ``newest`` is what ``since`` will be, and ``until`` when the
    last run it has landed was created.
    """

    now: str
    since: str | None
    seen: dict[str, str]
    open: set[int]
    swept: str | None
    newest: str | None
    until: str | None
    sweeping: bool
    met: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, state: State, now: datetime) -> RunWalk:
        """Go on from a state."""
        walking, swept = state.get("walking", {}), state.get("swept")
        return cls(
            now=stamp(now),
            since=state.get("since"),
            seen=dict(state.get("seen", {})),
            open=set(state.get("open", ())),
            swept=swept,
            newest=walking.get("newest"),
            until=walking.get("until"),
            sweeping=walking.get("sweeping", swept is not None and swept <= stamp(now - DAILY)),
        )

    @property
    def lower(self) -> str | None:
        """When the oldest runs that are looked at were created."""
        return before(self.since, RERUN if self.sweeping else OVERLAP)

    def answers(self, reading: GitHubReading) -> Iterator[Answer]:
        """Pages of the list, newest first; a first page that is as it was before is the only one."""
        over = False
        while not over:
            listed, total, oldest, before_it = 0, 0, None, self.until
            params = {"per_page": PER_PAGE} | ({"created": f"<={self.until}"} if self.until else {})
            request = reading.request("/actions/runs", params, conditional=not (self.until or self.sweeping))
            for answer in reading.client.pages(request, LinkPages(PER_PAGE)):
                raws = parts(answer.body, "workflow_runs")
                times = [time for raw in raws if (time := text(raw, "created_at"))]
                self.newest = self.newest or next(iter(times), None)
                yield answer
                listed, oldest = listed + len(raws), min(times, default=oldest)
                total = total_of(answer) or 0
                over = bool(self.lower) and (oldest or "") < str(self.lower)
                if over or listed >= MOST_LISTED:
                    break
            self.until = oldest
            over = over or listed < MOST_LISTED or listed >= total or oldest == before_it

    def wanted(self, raws: Iterable[Raw]) -> Sequence[Raw]:
        """Those of a page that are new, or another than they were; of a run older than the overlap, a re-run."""
        return [raw for raw in raws if self._is_wanted(raw)]

    def _is_wanted(self, raw: Raw) -> bool:
        run, created = part(raw, "id"), text(raw, "created_at") or ""
        self.met.add(run)
        known = self.seen.get(str(run))
        if known is not None or not self.since or created >= str(before(self.since, OVERLAP)):
            return known != _looks(raw)
        started = text(raw, "run_started_at") or ""
        return self.sweeping and attempt_of(raw) > 1 and started >= str(before(self.swept, SKEW))

    def note(self, raws: Iterable[Raw]) -> None:
        """Remember what has landed."""
        for raw in raws:
            run = part(raw, "id")
            if not isinstance(run, int):
                continue  # it has been rejected
            self.met.add(run)
            self.seen[str(run)] = _looks(raw)
            self.until = text(raw, "created_at") or self.until
            (self.open.discard if text(raw, "status") == "completed" else self.open.add)(run)

    def waiting(self) -> Sequence[int]:
        """Runs that had not ended and did not stand in what was read of the list."""
        return sorted(self.open - self.met)

    def forget(self, runs: Iterable[int]) -> None:
        """Ask no more for open runs that have been deleted."""
        self.open.difference_update(runs)

    def state(self) -> State:
        """The state in the middle of a walk."""
        walking = {"newest": self.newest, "until": self.until, "sweeping": self.sweeping}
        return {**self._common(self.lower), "since": self.since, "swept": self.swept, "walking": walking}

    def ended(self) -> State:
        """The state behind a whole walk."""
        since = max(filter(None, (self.since, self.newest)), default=None)
        swept = self.now if self.sweeping or self.swept is None else self.swept
        return {**self._common(before(since, OVERLAP)), "since": since, "swept": swept}

    def _common(self, lower: str | None) -> State:
        """What is open, and what runs looked like that will be looked at again."""
        lower = lower or before(self.newest, OVERLAP) or ""
        seen = {run: looks for run, looks in self.seen.items() if looks >= lower or int(run) in self.open}
        return {"open": sorted(self.open), "seen": seen}


def _looks(raw: Raw) -> str:
    """What makes a run another one; begins with when it was created, so that it can be forgotten by its age."""
    return f"{text(raw, 'created_at')} {attempt_of(raw)} {text(raw, 'status')} {text(raw, 'updated_at')}"
