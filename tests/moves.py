"""What a generated service may deploy next: forward, back, in steps, in vain; each one move of many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import factories as make
from factories import Event
from repositories import Sketch, Trunk

MOVES = (
    "forward",
    "forward",
    "forward",
    "forward",
    "forward",
    "forward",
    "back",
    "back",
    "same",
    "fail",
    "config",
    "flag",
    "staging",
    "group",
    "regions",
    "unknown",
    "failed_back",
    "untimed",
    "overlapping",
    "restated",
)


@dataclass
class Rollout:
    """One service while its deployments are drawn."""

    sketch: Sketch
    service: str
    trunk: Trunk
    has_artifacts: bool
    has_times: bool
    made: list[Event] = field(default_factory=list)

    def put(self, time: datetime, place: int | None, **fields: Any) -> Event:
        """Deploy the trunk's commit at a place, or one that nobody collected."""
        name = f"{self.service}-{len(self.made):02}"
        sha = make.sha_of(name) if place is None else self.trunk.commits[place]["sha"]
        minutes = self.sketch.between(0, 20)
        started = time - timedelta(minutes=minutes) if self.has_times else None
        known = {"sha": sha, "started_at": started, "artifact": f"{self.service}:{sha[:9]}"}
        if not self.has_artifacts:
            del known["artifact"]
        self.made.append(self.sketch.add(make.deployment(name, self.service, time, **{**known, **fields})))
        return self.made[-1]

    def places(self) -> list[int]:
        """Give the places on the trunk that were deployed before."""
        shas = [each["sha"] for each in self.trunk.commits]
        return [shas.index(each["sha"]) for each in self.made if each["sha"] in shas]


def forward(rollout: Rollout, time: datetime) -> None:
    """Deploy what the trunk holds by then."""
    rollout.put(time, rollout.trunk.head_at(time))


def back(rollout: Rollout, time: datetime) -> None:
    """Deploy something that was deployed before, at times saying that it is a rollback."""
    kind = "rollback" if rollout.sketch.chance(30) else None
    rollout.put(time, rollout.sketch.pick(rollout.places() or [0]), kind=kind)


def failed_back(rollout: Rollout, time: datetime) -> None:
    """Try to go back, to put the same in place again or to configure, and fail."""
    kind = rollout.sketch.pick(("rollback", "redeploy", "config"))
    rollout.put(time, rollout.sketch.pick(rollout.places() or [0]), kind=kind, status="failure")


def untimed(rollout: Rollout, time: datetime) -> None:
    """Deploy without a record of the end, or of the beginning either."""
    begun = rollout.sketch.pick((time, None))
    place = rollout.trunk.head_at(time)
    rollout.put(time, place, finished_at=None, started_at=begun, created_at=time - timedelta(minutes=5))


def overlapping(rollout: Rollout, time: datetime) -> None:
    """Deploy in steps to two environments, and the same at once while they are under way."""
    name, place = f"steps-{len(rollout.made)}", rollout.trunk.head_at(time)
    rollout.put(time - timedelta(minutes=50), place, group=name, environment="live-eu")
    rollout.put(time - timedelta(minutes=15), place)
    rollout.put(time, place, group=name, environment="live-us")


def restated(rollout: Rollout, time: datetime) -> None:
    """Deploy, and hear of it again: late, by an older version, or by a newer one."""
    made = rollout.put(time, rollout.trunk.head_at(time), version=rollout.sketch.pick((None, 5)))
    older = {name: made[name] for name in ("type", "source", "id", "service", "environment")}
    status = rollout.sketch.pick(("running", "failure"))
    version = rollout.sketch.pick((None, 4, 6)) if status == "failure" else None
    again = {**older, "status": status, "users_affected": True}
    rollout.sketch.add(again if version is None else {**again, "version": version})


def same(rollout: Rollout, time: datetime) -> None:
    """Deploy again what came last."""
    kind = "redeploy" if rollout.sketch.chance(30) else None
    rollout.put(time, (rollout.places() or [0])[-1], kind=kind)


def fail(rollout: Rollout, time: datetime) -> None:
    """Try to deploy and fail, now and then with users noticing."""
    status = rollout.sketch.pick(("failure", "cancelled", "running"))
    affected = rollout.sketch.pick((None, True, False))
    end = {"finished_at": None} if status == "running" else {}
    place = rollout.trunk.head_at(time)
    rollout.put(time, place, status=status, users_affected=affected, **end)


def config(rollout: Rollout, time: datetime) -> None:
    """Change the configuration only."""
    rollout.put(time, (rollout.places() or [0])[-1], kind="config")


def flag(rollout: Rollout, time: datetime) -> None:
    """Turn a flag."""
    rollout.put(time, (rollout.places() or [0])[-1], kind="flag")


def staging(rollout: Rollout, time: datetime) -> None:
    """Deploy where no user is, by name or by tier."""
    place = rollout.trunk.head_at(time)
    tier = rollout.sketch.pick((None, "staging"))
    rollout.put(time, place, environment="preprod" if tier is None else "production", tier=tier)


def group(rollout: Rollout, time: datetime) -> None:
    """Deploy in canary steps, of which a required one may fail."""
    name, place = f"group-{len(rollout.made)}", rollout.trunk.head_at(time)
    rollout.put(time - timedelta(minutes=30), place, group=name, kind="canary_step")
    status = rollout.sketch.pick(("success", "success", "failure"))
    rollout.put(time, place, group=name, kind="canary_step", status=status)
    if rollout.sketch.chance(30):
        rollout.put(time + timedelta(minutes=10), place, group=name, required=False)


def regions(rollout: Rollout, time: datetime) -> None:
    """Deploy to one production environment and then to another."""
    place = rollout.trunk.head_at(time)
    rollout.put(time - timedelta(minutes=25), place, environment="live-eu")
    rollout.put(time, place, environment="live-us")


def unknown(rollout: Rollout, time: datetime) -> None:
    """Deploy a commit that nobody collected."""
    rollout.put(time, None)


ACTIONS: Mapping[str, Callable[[Rollout, datetime], None]] = {
    "forward": forward,
    "back": back,
    "same": same,
    "fail": fail,
    "config": config,
    "flag": flag,
    "staging": staging,
    "group": group,
    "regions": regions,
    "unknown": unknown,
    "failed_back": failed_back,
    "untimed": untimed,
    "overlapping": overlapping,
    "restated": restated,
}


def tag(rollout: Rollout, time: datetime) -> None:
    """Release by a tag, on the newest commit or on an older one; deploying to staging takes nothing from it."""
    if rollout.sketch.chance(10):
        staging(rollout, time)
        return
    head = rollout.trunk.head_at(time)
    place = rollout.sketch.pick((head, head, max(0, head - 1)))
    mark = rollout.sketch.pick(("annotated_tag", "lightweight_tag"))
    rollout.put(time, place, inferred_from=mark, started_at=None, artifact=None)
