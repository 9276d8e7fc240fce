"""On-call a second time (W1, W2): pages by shifts of 12 hours, and pages about which there was nothing to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from plain_events import Event, Options, World, build_world, one_person, owner, service_event
from plain_lead_time import needed
from plain_result import Result, Row, share_result
from plain_units import PlainMetric, Unit

FEWEST = 5
HALF_DAY = timedelta(hours=12)
SATURDAY = 5


def page_units(world: World, _: Options) -> list[Unit]:
    """W2: pages, 1 where there was nothing to do."""
    found = []
    for page in world.of("page"):
        said, when, service = page.get("actionable"), needed(page, "paged_at"), page.get("service")
        library = service is not None and service_event(world, service).get("kind") == "library"
        team = owner(world, service, when) if service and not library else None
        row = Row(
            "page", str(page["id"]), said is not None, float(said is False), None if said is not None else "unsaid"
        )
        found.append(Unit(service, team, when, row))
    return found


def shares(units: Sequence[Unit], _: Options) -> Result:
    """Give the share of what was counted."""
    return share_result([each.row for each in units])


METRICS: Mapping[str, PlainMetric] = {
    "non_actionable_pages": PlainMetric(page_units, shares, ("page",), "share", over_services=False),
}


def shifts_of(world: World) -> dict[str, list[Event]]:
    """List by rotation the shifts that are over, as they ended."""
    found: dict[str, list[Event]] = {}
    for each in sorted(world.of("shift"), key=lambda shift: needed(shift, "ends_at")):
        if needed(each, "starts_at") < needed(each, "ends_at") <= world.now:
            found.setdefault(each["rotation"], []).append(each)
    return found


def people_of(world: World, shifts: Sequence[Event]) -> set[frozenset[str]]:
    """Give who had the shifts."""
    return {frozenset(one_person(world, each["person"])) for each in shifts if each.get("person")}


def stretches(world: World, shifts: Sequence[Event]) -> tuple[list[list[Event]], list[Event]]:
    """Cut shifts of a rotation where five people had one and no other ends in that moment; what is left waits."""
    found: list[list[Event]] = []
    current: list[Event] = []
    for place, each in enumerate(shifts):
        current = [*current, each]
        ends_alone = place + 1 == len(shifts) or needed(shifts[place + 1], "ends_at") > needed(each, "ends_at")
        if ends_alone and len(people_of(world, current)) >= FEWEST:
            found.append(current)
            current = []
    return found, current


def load(world: World, shifts: Sequence[Event]) -> dict[str, Any]:
    """Give the pages by 12 hours of some shifts, in UTC without holidays."""
    pages = [
        (each["id"], when, (when - needed(each, "starts_at")) // HALF_DAY)
        for each in shifts
        for page in world.of("page")
        if page["rotation"] == each["rotation"]
        and needed(each, "starts_at") <= (when := needed(page, "paged_at")) < needed(each, "ends_at")
    ]
    lengths = [(needed(each, "ends_at") - needed(each, "starts_at")) / HALF_DAY for each in shifts]
    pieces = [(name, piece) for name, _, piece in pages]
    busy = sum(pieces.count(each) > 2 for each in set(pieces))
    free = sum(when.weekday() >= SATURDAY or not 7 <= when.hour < 19 for _, when, _ in pages)
    night = sum(when.hour < 7 or when.hour >= 23 for _, when, _ in pages)
    return {
        "status": "ok",
        "n": len(shifts),
        "value": len(pages) / sum(lengths),
        "over_two_share": busy / sum(-(-length // 1) for length in lengths),
        "out_of_hours_share": free / len(pages) if pages else None,
        "sleep_hours_share": night / len(pages) if pages else None,
        "pages": len(pages),
        "exclusions": {},
    }


def compute(
    events: Sequence[Event], window: tuple[datetime, datetime], now: datetime
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Give pages per shift of all rotations that five people had, and of every rotation."""
    world = build_world(events, now)
    nothing = {"status": "suppressed", "n": None, "value": None, "exclusions": None}
    fine: dict[str, list[Event]] = {}
    for name, shifts in shifts_of(world).items():
        whole, waiting = stretches(world, shifts)
        told = [each for each in whole if window[0] <= needed(each[-1], "ends_at") < window[1]]
        if told or any(window[0] <= needed(each, "ends_at") < window[1] for each in waiting):
            fine[name] = [shift for stretch in told for shift in stretch]
    everything = [each for group in fine.values() for each in group]
    if not fine:
        return {"status": "no_data", "n": 0, "value": None}, {}
    return load(world, everything) if everything else nothing, {
        name: load(world, each) if each else nothing for name, each in fine.items()
    }
