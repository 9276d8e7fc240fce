"""Metrics of people a second time (O1, O3): cohorts of at least five, milestones, and who is told nothing of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from re import search
from typing import Any

from plain_clock import elapsed
from plain_events import Event, Options, World, at, build_world, first_known, one_person, service_names
from plain_flow import merged
from plain_history import history
from plain_lead_time import needed, shipped_changes, shipped_commits
from plain_result import Result, Row, count_rules, duration_result, survival_result
from plain_statistics import kaplan_meier, percentile, survival_percentile

MONTH = timedelta(days=30)
FEWEST = 5
DAY, WORKING_DAY = 86_400.0, 8 * 3600.0
GIVEN_UP = ("cancelled", "canceled", "rejected", "withdrawn")
ACCESS = "access|account|permission|licen[cs]e|laptop|workstation|tool|vpn|onboard"

Cohort = tuple[datetime, datetime]


@dataclass(frozen=True)
class Human:
    """A human whose first day is known, by all handles."""

    handles: frozenset[str]
    start: datetime
    end: datetime | None


@dataclass(frozen=True)
class Joined:
    """What a metric says of one human: the rule that leaves them out, or how long it was and whether it goes on."""

    human: Human
    rule: str | None
    seconds: float = 0.0
    lasted: float = 0.0
    waits: bool = False
    worked: float = 0.0


def humans(world: World) -> list[Human]:
    """Join what is told of each person; bots, and whose first day nobody tells, are left out."""
    found: dict[frozenset[str], list[Event]] = {}
    for each in world.of("person"):
        found.setdefault(frozenset(one_person(world, each["id"])), []).append(each)
    return [
        Human(handles, min(starts), max((end for e in told if (end := at(e, "end_date"))), default=None))
        for handles, told in found.items()
        if (starts := [start for e in told if (start := at(e, "start_date"))])
        and not any(e.get("kind") == "bot" for e in told)
    ]


def quarter_of(time: datetime) -> datetime:
    """Give the first moment of a time's quarter."""
    return datetime(time.year, time.month - (time.month - 1) % 3, 1, tzinfo=UTC)


def next_quarter(time: datetime) -> datetime:
    """Give the first moment of the quarter after one that begins at a time."""
    return quarter_of(time + timedelta(days=100))


def cohorts(people: Sequence[Human], now: datetime) -> list[Cohort]:
    """Cut time into quarters, each with those after it until five people began there; the last may have fewer."""
    starts = [each.start for each in people if each.start <= now]
    found: list[Cohort] = []
    begin = end = quarter_of(min(starts)) if starts else next_quarter(now)
    while end <= now:
        end = next_quarter(end)
        if sum(begin <= each < end for each in starts) >= FEWEST or end > now:
            found.append((begin, end))
            begin = end
    return found


def reached(world: World, human: Human, options: Options, metric: str) -> datetime | None:
    """Give when somebody reached a milestone."""
    if metric == "time_to_first_commit":
        return min(
            (needed(c, "authored_at") for c in world.of("commit") if c.get("author") in human.handles), default=None
        )
    if metric == "time_to_first_deploy":
        return in_production(world, human)
    own = sorted(
        when for change, when, rule in merged(world, options) if not rule and change.get("author") in human.handles
    )
    number = 10 if metric == "time_to_tenth_change" else 1
    return own[number - 1] if len(own) >= number else None


def in_production(world: World, human: Human) -> datetime | None:
    """Give when anything of somebody was first deployed to production."""
    pasts = [history(world, name) for name in service_names(world)]
    brought = [pair for past in pasts for pair in [*shipped_changes(past), *shipped_commits(past)]]
    times = [d.finished for thing, d in brought if d.role == "shipped" and thing.get("author") in human.handles]
    return min(times, default=None)


def known_from(world: World, metric: str) -> datetime | None:
    """Give from when on what a milestone is made of was collected."""
    if metric == "time_to_first_commit":
        times = [at(c, "committed_at") for c in world.of("commit")]
    elif metric == "time_to_first_deploy":
        times = [d.finished for name in service_names(world) for d in history(world, name).deployments]
    elif metric == "joiner_access_wait":
        times = [at(q, "requested_at") for q in world.of("request")]
    else:
        times = [at(c, "created_at") for c in world.of("change")]
    return min((when for when in times if when), default=None)


def milestone(world: World, human: Human, options: Options, metric: str) -> Joined:
    """Tell of one human and one milestone."""
    first, when = known_from(world, metric), reached(world, human, options, metric)
    if first is None or human.start < first - MONTH:
        return Joined(human, "before_history")
    if when is not None and when < human.start:
        return Joined(human, "before_start")
    last = min(human.end or world.now, world.now)
    waits = when is None or when > last
    until = max(last, human.start) if waits or when is None else when
    zone_free, worked = (elapsed(human.start, until, clock) for clock in (options.clock, "business"))
    return Joined(human, None, zone_free, (until - human.start).total_seconds(), waits, worked / WORKING_DAY)


def team_at(world: World, human: Human) -> str | None:
    """Give the first team somebody belonged to since they began."""
    dawn = datetime.min.replace(tzinfo=UTC)
    claims = [
        (at(c, "valid_from") or dawn, c["team"])
        for c in world.of("ownership")
        if c.get("person") in human.handles and ((end := at(c, "valid_to")) is None or end > human.start)
    ]
    return str(min(claims)[1]) if claims else None


def access(world: World, human: Human, _options: Options, metric: str) -> Joined:
    """Tell of one human how long their team's requests for access were open in the first 30 days."""
    first, settled, team = known_from(world, metric), human.start + MONTH, team_at(world, human)
    if first is None or human.start < first - MONTH:
        return Joined(human, "before_history")
    if settled > world.now or team is None:
        return Joined(human, "too_new" if settled > world.now else "no_team")
    asked = [
        q
        for q in world.of("request")
        if q.get("team") == team
        and search(ACCESS, q["kind"].lower())
        and (q.get("status") or "").lower() not in GIVEN_UP
        and needed(q, "requested_at") < settled
    ]
    spans = [
        (
            max(needed(q, "requested_at"), human.start),
            min(first_known(q, "usable_at", "fulfilled_at") or settled, settled),
        )
        for q in asked
    ]
    open_then = [(end - start).total_seconds() for start, end in spans if end > human.start]
    return Joined(human, None, sum(open_then)) if open_then else Joined(human, "no_request")


MILESTONES = ("time_to_first_commit", "time_to_first_change", "time_to_tenth_change", "time_to_first_deploy")
TELL: Mapping[str, Callable[[World, Human, Options, str], Joined]] = {
    **dict.fromkeys(MILESTONES, milestone),
    "joiner_access_wait": access,
}
NEEDS = {
    "time_to_first_commit": "commit",
    "time_to_first_change": "change",
    "time_to_tenth_change": "change",
    "time_to_first_deploy": "deployment",
    "joiner_access_wait": "request",
}


def compute(
    metric: str, events: Sequence[Event], window: Cohort, now: datetime, options: Options
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Give the result of a window, widened to whole cohorts, and those of its cohorts."""
    world = build_world(events, now)
    people = humans(world)
    if not people or not world.of(NEEDS[metric]):
        return told(Result("not_observable", 0), []), []
    cut = cohorts(people, now)
    touched = [each for each in cut if each[0] < window[1] and window[0] < each[1]]
    low, high = (min(window[0], touched[0][0]), max(window[1], touched[-1][1])) if touched else window
    found = [
        TELL[metric](world, each, options, metric) for each in people if low <= each.start < high and each.start <= now
    ]
    groups = [[each for each in found if begin <= each.human.start < end] for begin, end in touched]
    small = [one for group in groups for one in group if sum(each.rule == one.rule for each in group) < FEWEST]
    fine = [each for each in found if each not in small]
    whole = hidden_or(metric, fine, small)
    series = [
        hidden_or(metric, [one for one in each if one not in small], [one for one in each if one in small])
        for each in groups
        if each
    ]
    return whole, series


def hidden_or(metric: str, fine: Sequence[Joined], small: Sequence[Joined]) -> dict[str, Any]:
    """Give a result, or nothing but that there is nothing to tell."""
    counted = [each for each in fine if each.rule is None]
    if (fine or small) and (len(fine) + len(small) < FEWEST or (small and not counted)):
        return {"status": "suppressed", "n": None, "value": None, "exclusions": None, "interval": None, "parts": []}
    return told(measured(metric, fine), counted)


def told(result: Result, counted: Sequence[Joined]) -> dict[str, Any]:
    """Give what is compared: the result, without services."""
    whole = {**result.as_json(), "statistic": "p50"}
    if counted and any(each.lasted for each in counted):
        whole["parts"] = curve(counted)
    return {name: value for name, value in whole.items() if name not in ("services", "pooled", "coverage")}


def measured(metric: str, fine: Sequence[Joined]) -> Result:
    """Give the median of those counted, by Kaplan-Meier where anybody is still on the way."""
    rows = [Row("person", "", each.rule is None, each.seconds, each.rule) for each in fine]
    open_now = [each.seconds for each in fine if each.rule is None and each.waits]
    over = [Row("person", "", counted=True, value=e.seconds) for e in fine if e.rule is None and not e.waits]
    values = [row.value for row in over if row.value is not None]
    found = survival_result(over, open_now) if open_now else duration_result(over, hidden=False)
    found = replace(found, exclusions=count_rules(rows))
    if metric == "joiner_access_wait" or found.status == "no_data":
        return found
    p80 = survival_percentile(values, open_now, 0.8) if open_now else percentile(values, 0.8)
    worked = [
        [each.worked for each in fine if each.rule is None and each.waits == goes_on] for goes_on in (False, True)
    ]
    days = {name: survival_percentile(worked[0], worked[1], q) for name, q in (("p50", 0.5), ("p80", 0.8))}
    extra = {"censored": len(open_now), "working_days": days, **found.extra}
    return replace(found, percentiles={**found.percentiles, "p80": p80}, extra=extra)


def curve(counted: Sequence[Joined]) -> list[dict[str, Any]]:
    """Give the shares that got there within so many days, as far as anybody was watched so long."""
    over = [each.lasted for each in counted if not each.waits]
    waiting = [each.lasted for each in counted if each.waits]
    longest = max([*over, *waiting])
    steps = kaplan_meier(over, waiting)
    found = []
    for days in (7, 30, 60, 90):
        left = [share for time, share in steps if time <= days * DAY][-1:] or [1.0]
        known = left[0] <= 0 or days * DAY <= longest
        share = 1 - left[0] if known else None
        found.append({"class": f"within {days} days", "value": days * DAY, "share": share, "n": len(counted)})
    return found
