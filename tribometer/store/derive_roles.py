"""What role each roll-out that ran played: shipped, redeploy (E7) or rollback (E8), and what a rollback undid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tribometer.store.derive_rollouts import Arrival, Rollout, Versions, same_version

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from tribometer.store.derive_commits import Walk


@dataclass(frozen=True)
class Verdict:
    """Role of one roll-out; for a rollback also what runs again and what it undid."""

    role: str
    restored: Rollout | None = None
    failed_first: Rollout | None = None
    failed_last: Rollout | None = None


@dataclass
class Chain:
    """What ran in one environment, one after another."""

    entries: list[tuple[Rollout, bool]] = field(default_factory=list)
    """Each with whether it shipped, or joined, a version that was new here."""
    versions: Versions = field(default_factory=Versions)

    @property
    def running(self) -> Rollout | None:
        """What runs now."""
        return self.entries[-1][0] if self.entries else None

    def add(self, rollout: Rollout, *, shipped: bool) -> None:
        """Let a roll-out run."""
        self.versions.add(rollout.version, len(self.entries))
        self.entries.append((rollout, shipped))


def _repeats(ran: Sequence[Rollout]) -> set[tuple[str, str]]:
    """Which roll-outs bring a version that one before them, by finish, had brought already (E7)."""
    earlier, found = Versions(), set()
    for place, each in enumerate(ran):
        if earlier.span(each.version) is not None:
            found.add(each.key)
        earlier.add(each.version, place)
    return found


class Classifier:
    """Takes arrivals in order of time; one chain per environment (E8)."""

    def __init__(self, walk: Walk, failure_window: timedelta) -> None:
        self._walk = walk
        self._failure_window = failure_window
        self._chains: dict[str, Chain] = {}
        self._repeats: set[tuple[str, str]] = set()
        self._verdicts: dict[tuple[str, str], Verdict] = {}

    def classify(self, ran: Sequence[Rollout]) -> list[Verdict]:
        """Give one verdict per roll-out, in the order given: that of their finish."""
        self._repeats = _repeats(ran)
        arrivals = [(arrival, number) for number, each in enumerate(ran) for arrival in each.arrivals]
        for arrival, number in sorted(arrivals):
            self._arrive(arrival, ran[number])
        return [self._verdicts[each.key] for each in ran]

    def _arrive(self, arrival: Arrival, rollout: Rollout) -> None:
        chain = self._chains.setdefault(arrival.environment, Chain())
        first = self._verdicts.get(rollout.key)
        if first is None or not (arrival.joined or first.role == "rollback"):
            self._verdicts[rollout.key] = self._verdict(chain, rollout, first)
        chain.add(rollout, shipped=self._verdicts[rollout.key].role == "shipped")

    def _verdict(self, chain: Chain, rollout: Rollout, first: Verdict | None) -> Verdict:
        """Judge an arrival; in a group's further environments only going back adds to the ``first`` verdict."""
        if rollout.kind == "rollback" or (rollout.kind is None and self._goes_back(chain, rollout)):
            return self._rollback(chain, rollout)
        if first is not None:
            return first
        again = rollout.key in self._repeats or rollout.kind == "redeploy"
        return Verdict("redeploy" if again else "shipped")

    def _goes_back(self, chain: Chain, rollout: Rollout) -> bool:
        running = chain.running
        if running is None or rollout.last.inferred_from or same_version(running.version, rollout.version):
            return False
        if self._walk.is_ancestor(rollout.version.sha, running.version.sha):
            return True
        before, now = chain.versions.span(rollout.version), chain.versions.span(running.version)
        if before is None or self._walk.is_ancestor(running.version.sha, rollout.version.sha):
            return False
        return before[0] < (len(chain.entries) - 1 if now is None else now[0])

    def _rollback(self, chain: Chain, rollout: Rollout) -> Verdict:
        span = chain.versions.span(rollout.version)
        if span is not None:
            restored = chain.entries[span[1]][0]
            undone = chain.entries[span[1] + 1 :]
        else:
            restored, undone = None, self._newer(chain, rollout) or chain.entries[-1:]
        failed = [each for each, shipped in undone if shipped] or [each for each, _ in undone]
        first = next((each for each in failed if self._is_recent(each, rollout)), failed[-1] if failed else None)
        return Verdict("rollback", restored, first, failed[-1] if failed else None)

    def _newer(self, chain: Chain, rollout: Rollout) -> list[tuple[Rollout, bool]]:
        """The last entries that hold all of a version that never ran here."""
        newer: list[tuple[Rollout, bool]] = []
        for entry in reversed(chain.entries):
            within = self._is_recent(entry[0], rollout)
            if not (within and self._walk.is_ancestor(rollout.version.sha, entry[0].version.sha)):
                break
            newer.insert(0, entry)
        return newer

    def _is_recent(self, failed: Rollout, rollback: Rollout) -> bool:
        finished_at, began_at = failed.finished_at, rollback.began_at
        return finished_at is not None and began_at is not None and began_at - finished_at <= self._failure_window
