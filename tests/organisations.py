"""What generated organisations deploy and what goes wrong; the strategies tests draw from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

import factories as make
from factories import Event, day
from repositories import Sketch, Trunk, grow

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
)
CAUSES = ("yes", "yes", "yes", "no", "unknown", None)


@dataclass(frozen=True)
class Organisation:
    """Generated events, what the clock says, and a window to ask about (its end exclusive)."""

    events: Sequence[Event]
    now: datetime
    window: tuple[datetime, datetime]
    services: Sequence[str]


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
}


def tag(rollout: Rollout, time: datetime) -> None:
    """Release by a tag, on the newest commit or on an older one."""
    head = rollout.trunk.head_at(time)
    place = rollout.sketch.pick((head, head, max(0, head - 1)))
    mark = rollout.sketch.pick(("annotated_tag", "lightweight_tag"))
    rollout.put(time, place, inferred_from=mark, started_at=None, artifact=None)


def deliver(sketch: Sketch, service: str, trunk: Trunk) -> Rollout:
    """Draw a service's deployments, hours to days apart, of one origin or of two."""
    rollout = Rollout(sketch, service, trunk, sketch.chance(30), has_times=sketch.chance(70))
    origin = sketch.pick(("explicit", "explicit", "explicit", "explicit", "tags", "both"))
    time = day(0, 10)
    for _ in range(sketch.between(2, 12)):
        time = sketch.later(time, 60, 5000)
        if origin == "tags" or (origin == "both" and sketch.chance(40)):
            tag(rollout, time)
        else:
            ACTIONS[sketch.pick(MOVES)](rollout, time)
    return rollout


def break_down(sketch: Sketch, rollout: Rollout, number: int) -> None:
    """Draw an incident near a deployment, with whatever its people noted."""
    near = sketch.pick(rollout.made)
    base = datetime.fromisoformat(near.get("finished_at") or make.text(day(20)))
    start = sketch.later(base, -60, 12000)
    found = sketch.later(start, 0, 90)
    named = {"source": make.SOURCE, "id": near["id"]} if sketch.chance(40) else None
    over = sketch.later(found, -120, 3000)
    made = make.incident(
        f"{rollout.service}/{number}",
        rollout.service,
        impact_started_at=sketch.sometimes(start, 60),
        detected_at=found,
        mitigated_at=sketch.sometimes(over, 70),
        resolved_at=sketch.sometimes(sketch.later(over, 0, 600), 50),
        change_caused=sketch.pick(CAUSES),
        severity=sketch.pick(("high", "low", None)),
        deployment=named,
    )
    sketch.add({**made, "source": "pager"})


def guard(sketch: Sketch, rollout: Rollout) -> None:
    """Draw a human gate before a deployment, decided or not."""
    near = sketch.pick(rollout.made)
    if near.get("finished_at"):
        asked = datetime.fromisoformat(near["finished_at"]) - timedelta(minutes=sketch.between(1, 3000))
        decided = sketch.sometimes(sketch.later(asked, 1, 2000), 80)
        sketch.add(make.gate(f"{near['id']}/gate", asked, deployment=near["id"], decided_at=decided))


def promise(sketch: Sketch, service: str) -> None:
    """Draw some days of an objective, empty ones among them."""
    for number in range(sketch.between(0, 4)):
        total = sketch.pick((1000, 500, 0))
        good = total - min(total, sketch.pick((0, 3, 10, 40)))
        start = day(number * 9)
        name = f"{service}/slo/{number}"
        sketch.add(make.slo(name, service, start, start + timedelta(days=1), good=good, total=total))


def catalogue(sketch: Sketch, service: str, repository: str, folders: Sequence[str]) -> None:
    """Draw a service's entry and its owners over time."""
    made = sketch.sometimes(day(sketch.between(-30, 10)), 30)
    gone = sketch.sometimes(day(sketch.between(40, 80)), 10)
    paths = list(folders) or None
    sketch.add(make.service(service, repository=repository, paths=paths, created_at=made, archived_at=gone))
    if sketch.chance(50):
        moved = day(sketch.between(5, 60))
        sketch.add(make.ownership(f"{service}/red", "red", service=service, valid_to=moved))
        sketch.add(make.ownership(f"{service}/blue", "blue", service=service, valid_from=moved))


def lay_out(sketch: Sketch) -> list[tuple[str, Trunk]]:
    """Draw one to three services: in repositories of their own, or in one by paths."""
    names = ["api", "web", "job"][: sketch.between(1, 3)]
    if sketch.chance(35):
        folders = [f"services/{name}" for name in names]
        trunk = grow(sketch, "acme/mono", [*folders, "docs"])
        for name in names:
            catalogue(sketch, name, "acme/mono", [f"services/{name}/"])
        return [(name, trunk) for name in names]
    pairs = [(name, grow(sketch, f"acme/{name}", [])) for name in names]
    for name, trunk in pairs:
        catalogue(sketch, name, trunk.repository, [])
    return pairs


@st.composite
def organisations(draw: st.DrawFn) -> Organisation:
    """Draw an organisation with its history, and a window within or around it."""
    sketch = Sketch(draw)
    pairs = lay_out(sketch)
    troubled = sketch.chance(75)
    sketch.add(make.person("robo", kind="bot"))
    for service, trunk in pairs:
        rollout = deliver(sketch, service, trunk)
        for number in range(sketch.between(0, 4) if troubled else 0):
            break_down(sketch, rollout, number)
        if sketch.chance(25):
            guard(sketch, rollout)
        promise(sketch, service)
    start = sketch.between(-7, 10)
    window = (day(start), day(start + sketch.between(14, 80)))
    now = window[1] + timedelta(days=sketch.between(0, 14))
    return Organisation(sketch.events, now, window, [service for service, _ in pairs])


def shuffled(events: Sequence[Event]) -> st.SearchStrategy[list[Event]]:
    """Draw any order of arrival, with some events sent twice."""
    again = st.lists(st.sampled_from(list(events)), max_size=5)
    return again.flatmap(lambda twice: st.permutations([*events, *twice]))
