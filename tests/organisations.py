"""What generated organisations deploy and what goes wrong; the strategies tests draw from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from hypothesis import strategies as st

import factories as make
from factories import Event, day
from moves import ACTIONS, MOVES, Rollout, tag
from organisation_ci import check_code
from organisation_flow import belong, flow
from organisation_platform import platform
from organisation_services import beginnings, paged
from repositories import Sketch, Trunk, grow

CAUSES = ("yes", "yes", "yes", "no", "unknown", None)


@dataclass(frozen=True)
class Organisation:
    """Generated events, what the clock says, and a window to ask about (its end exclusive)."""

    events: Sequence[Event]
    now: datetime
    window: tuple[datetime, datetime]
    services: Sequence[str]


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


def misname(sketch: Sketch, service: str, repository: str) -> None:
    """Let some of what happens to a service name its repository instead, as forges do; environments may tell."""
    which = sketch.pick(("none", "none", "none", "some", "all"))
    tells = sketch.chance(50)
    for each in sketch.events:
        is_its_own = each.get("service") == service and each["type"] in {"deployment", "incident", "slo", "ownership"}
        if which == "none" or not is_its_own or "inferred_from" in each:
            continue
        if which == "all" or each["id"][-1] in "02468":
            each["service"] = repository
            if tells and each.get("environment") == "production" and "tier" not in each:
                each["environment"] = f"live-{service}"


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
    """Draw an organisation that shrinks: every choice towards its first option."""
    return organise(lambda low, high: draw(st.integers(low, high)))


def organisation_of(seed: int) -> Organisation:
    """Make the organisation of a seed: larger than what hypothesis draws, and always the same."""
    return organise(Random(seed).randint)  # noqa: S311 - nothing here is secret


def organise(choose: Callable[[int, int], int]) -> Organisation:
    """Make an organisation with its history, and a window within or around it."""
    sketch = Sketch(choose)
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
    for service, trunk in pairs:
        misname(sketch, service, trunk.repository)
    # last, so that an older seed's deliveries stay what they were
    for trunk in {trunk.repository: trunk for _, trunk in pairs}.values():
        flow(sketch, trunk)
    belong(sketch)
    for trunk in {trunk.repository: trunk for _, trunk in pairs}.values():
        check_code(sketch, trunk)
    beginnings(sketch, [service for service, _ in pairs], now)
    paged(sketch, [service for service, _ in pairs])
    platform(sketch, [service for service, _ in pairs])
    return Organisation(sketch.events, now, window, [service for service, _ in pairs])


def shuffled(events: Sequence[Event]) -> st.SearchStrategy[list[Event]]:
    """Draw any order of arrival, with some events sent twice; one number decides it, however many events there are."""
    return st.integers(0, 2**32).map(lambda seed: _arrival(events, Random(seed)))  # noqa: S311 - as above


def _arrival(events: Sequence[Event], dice: Random) -> list[Event]:
    arrived = [*events, *dice.choices(events, k=dice.randint(0, 5))]
    dice.shuffle(arrived)
    return arrived
