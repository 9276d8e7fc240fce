"""The flow of changes a second time: cycle time, reviews, size, what lies open, what is taken back (P1-P7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from plain_clock import elapsed
from plain_events import (
    Event,
    Options,
    World,
    at,
    is_bot,
    key_of,
    one_person,
    reference,
    service_event,
    service_names,
)
from plain_history import history
from plain_lead_time import capped, commit_shas, is_merge, needed, shipped_changes
from plain_result import Result, Row, count_rules, duration_result, share_result, survival_result
from plain_stages import human_reviews
from plain_statistics import percentile, survival_percentile
from plain_units import PlainMetric, Unit, home_of

MONTH, FORTNIGHT = timedelta(days=30), timedelta(days=14)
GENERATED = (
    "*.lock", "*-lock.json", "*-lock.yaml", "go.sum", "*.min.js", "*.min.css", "*.map", "*.snap", "*.pb.go", "*_pb2.py",
    "*.generated.*",
)  # fmt: skip
FOLDERS = ("vendor", "third_party", "node_modules", "dist")


def commits_of(world: World, change: Event) -> list[Event]:
    """List the collected commits of a change, from its own repository."""
    shas = commit_shas(change)
    return [c for c in world.of("commit") if c["sha"] in shas and c["repository"] == change["repository"]]


def began(world: World, change: Event) -> tuple[datetime, tuple[str, ...]]:
    """Give when work on a change began, and how sure that is (E1, E3)."""
    created = needed(change, "created_at")
    code = [c for c in commits_of(world, change) if not is_merge(c)]
    own = [needed(c, "authored_at") for c in code if c["sha"] != change.get("merge_sha")]
    landed = [needed(c, "authored_at") for c in code]
    older = [when for when in landed if when < created]
    start = at(change, "first_commit_at") or min(own, default=None) or min(landed, default=None)
    if at(change, "first_commit_at") is None and not own:
        start = min(older, default=None) if landed and min(landed) < created else None
    return (created, ("E1",)) if start is None else capped(start, created)


def out_of_flow(world: World, change: Event, options: Options) -> str | None:
    """Give the rule that keeps a merged change out, or None."""
    if options.bots != "include" and is_bot(world, change):
        return "E14"
    homes = [r.get("default_branch") for r in world.of("repository") if r["name"] == change["repository"]]
    main, base = next((h for h in homes if h), None), change.get("base")
    return "other_branch" if main and base and main != base else None


def merged(world: World, options: Options) -> list[tuple[Event, datetime, str | None]]:
    """List the merged changes with the time of the merge and the rule that keeps them out."""
    found = [(change, at(change, "merged_at")) for change in world.of("change")]
    return [(change, when, out_of_flow(world, change, options)) for change, when in found if when]


def unit_of(world: World, change: Event, when: datetime, row: Row, more: Any = None) -> Unit:
    """Put a row where its change belongs at that time."""
    service, team = home_of(world, change["repository"], when)
    return Unit(service, team, when, row, more)


def row_of(change: Event, rule: str | None, value: float | None, flags: tuple[str, ...] = ()) -> Row:
    """Make the row of a change."""
    return Row("change", str(change["id"]), rule is None, value if rule is None else None, rule, flags)


def cycle_units(world: World, options: Options) -> list[Unit]:
    """P1: merged changes and how long they took."""
    found = []
    for change, when, rule in merged(world, options):
        start, flags = began(world, change)
        flags = ("E3",) if when < start else flags
        row = row_of(change, rule, elapsed(start, when, options.clock), flags)
        found.append(unit_of(world, change, when, row, (start, in_production(world, change), world.now)))
    return found


def open_units(world: World, options: Options, end: datetime) -> list[Unit]:
    """P1: changes that lay open at a time."""
    found = []
    for change in world.of("change"):
        over = min((t for t in (at(change, "merged_at"), at(change, "closed_at")) if t), default=None)
        begun = needed(change, "created_at")
        if begun < end and (over is None or over >= end) and out_of_flow(world, change, options) is None:
            row = Row("open_change", str(change["id"]), counted=False)
            found.append(unit_of(world, change, end - timedelta(seconds=1), row, (end - begun).total_seconds()))
    return found


def in_production(world: World, change: Event) -> datetime | None:
    """Give when the last of the services that ship a change had it in production; None: not yet."""
    names = [
        n for n in service_names(world) if (service_event(world, n).get("repository") or n) == change["repository"]
    ]
    pasts = [history(world, name) for name in names]
    pairs = [pair for past in pasts for pair in shipped_changes(past) if pair[0]["id"] == change["id"]]
    return max((d.finished for _, d in pairs if d.role == "shipped"), default=None)


def to_production(units: Sequence[Unit]) -> dict[str, Any]:
    """Give the percentiles of the way to production, those that wait among them."""
    known = [each.more for each in units if each.row.counted]
    over = [max(0.0, (end - start).total_seconds()) for start, end, _ in known if end]
    waiting = [max(0.0, (now - start).total_seconds()) for start, end, now in known if not end]
    spread = {
        name: survival_percentile(over, waiting, q) if waiting else percentile(over, q)
        for name, q in (("p50", 0.5), ("p90", 0.9))
    }
    return {**spread, "n": len(known), "waiting": len(waiting)}


def cycle_result(units: Sequence[Unit], _: Options) -> Result:
    """Give the median, with negative times among the exclusions."""
    rows = [each.row for each in units]
    ages = [each.more for each in units if each.row.unit == "open_change"]
    units = [each for each in units if each.row.unit != "open_change"]
    negative = sum(row.counted and row.value == 0.0 and "E3" in row.flags for row in rows)
    found = duration_result(rows, hidden=False)
    extra: dict[str, Any] = {"to_production": to_production(units)} if found.n else {}
    if ages and found.n:
        told = {"p50": percentile(ages, 0.5), "p90": percentile(ages, 0.9), "longest": max(ages), "n": len(ages)}
        extra["open_for"] = told
    return replace(found, exclusions=count_rules(rows, E3=negative), extra=extra)


def durations(units: Sequence[Unit], _: Options) -> Result:
    """Give the median of what was counted."""
    return duration_result([each.row for each in units], hidden=False)


def shares(units: Sequence[Unit], _: Options) -> Result:
    """Give the share of what was counted."""
    return share_result([each.row for each in units])


def team_of(world: World, person: str | None, when: datetime) -> str | None:
    """Give the team somebody belonged to, by the newest claim."""
    handles = one_person(world, person) if person else set()
    claims = [
        (at(c, "valid_from") or datetime.min.replace(tzinfo=when.tzinfo), c["team"])
        for c in world.of("ownership")
        if c.get("person") in handles
        and (at(c, "valid_from") or when) <= when
        and (at(c, "valid_to") or when + MONTH) > when
    ]
    return str(max(claims)[1]) if claims else None


def request_units(world: World, options: Options) -> list[Unit]:
    """P2: requests for a review and when anybody answered."""
    changes = {key_of(change): change for change in world.of("change")}
    found = []
    for request in world.of("review_request"):
        change = changes.get(reference(request, "change") or ("", ""))
        if change is not None:
            found.append(request_unit(world, request, change, options))
    return found


def request_unit(world: World, request: Event, change: Event, options: Options) -> Unit:
    """Give one request: answered, never answered, or still open; its time begins when the change is ready."""
    asked = needed(request, "requested_at")
    ready = at(change, "ready_at")
    begins = max(asked, ready) if ready else asked
    answers = [when for when, _ in human_reviews(world, change) if when >= begins]
    over = at(change, "merged_at") or at(change, "closed_at")
    robot = is_bot(world, change) or is_bot(world, request, "reviewer", "reviewer_kind")
    rule = "E14" if robot and options.bots != "include" else ("E17" if not answers and over else None)
    until = answers[0] if answers else world.now
    value = elapsed(begins, until, options.clock) if rule is None else None
    service, _ = home_of(world, change["repository"], asked)
    team = request.get("team") or team_of(world, request.get("reviewer"), asked)
    row = Row("review_request", str(request["id"]), rule is None, value, rule)
    return Unit(service, team, asked, row, more=not answers)


def waiting_result(units: Sequence[Unit], _: Options) -> Result:
    """Give the median, by Kaplan-Meier where anybody still waits."""
    open_now = [u.row.value for u in units if u.row.counted and u.more and u.row.value is not None]
    over = [u.row for u in units if not (u.row.counted and u.more)]
    if open_now:
        return survival_result(over, open_now)
    found = duration_result(over, hidden=False)
    return replace(found, extra={"censored": 0}) if found.status in ("ok", "too_few") else found


def round_units(world: World, options: Options) -> list[Unit]:
    """P3: how often a change went to review."""
    found = []
    for change, when, rule in merged(world, options):
        own = [
            c
            for c in world.of("commit")
            if c["sha"] in (change.get("commits") or ()) and c["repository"] == change["repository"]
        ]
        pushes = [(needed(c, "committed_at"), 0) for c in own]
        asks = [
            (needed(q, "requested_at"), 0)
            for q in world.of("review_request")
            if reference(q, "change") == key_of(change)
        ]
        turns = sorted([*pushes, *asks, *((when, 1) for when, _ in human_reviews(world, change))])
        rounds = sum(1 for before, now in zip([(when, 0), *turns], turns, strict=False) if now[1] and not before[1])
        reason = rule or (None if rounds else "E17")
        found.append(unit_of(world, change, when, row_of(change, reason, float(rounds))))
    return found


def is_generated(path: str) -> bool:
    """Tell a file nobody reads: by its name, its path from any folder on, or a folder above it."""
    *folders, name = path.split("/")
    tails = ["/".join([*folders, name][place:]) for place in range(len(folders) + 1)]
    return any(folder in FOLDERS for folder in folders) or any(fnmatchcase(t, g) for t in tails for g in GENERATED)


def lines_of(change: Mapping[str, Any]) -> float | None:
    """Count the lines of a change that somebody reads; None where nobody tells."""
    files = change.get("file_changes")
    if files is not None:
        kept = [each for each in files if not is_generated(each["path"])]
        return float(sum((each.get("additions") or 0) + (each.get("deletions") or 0) for each in kept))
    told = change.get("additions"), change.get("deletions")
    return None if None in told else float(sum(told))  # type: ignore[arg-type]  # both are there


def size_units(world: World, options: Options) -> list[Unit]:
    """P4: lines of merged changes."""
    found = []
    for change, when, rule in merged(world, options):
        lines = lines_of(change)
        reason = rule or ("unknown_size" if lines is None else None)
        found.append(unit_of(world, change, when, row_of(change, reason, lines)))
    return found


def unreviewed_units(world: World, options: Options) -> list[Unit]:
    """P5: merged changes, 1 where nobody else looked."""
    return [
        unit_of(world, change, when, row_of(change, rule, float(not human_reviews(world, change))))
        for change, when, rule in merged(world, options)
    ]


def stale_units(world: World, options: Options) -> list[Unit]:
    """P6: changes two weeks after they were ready, 1 where they were still open."""
    found = []
    for change in world.of("change"):
        due = (at(change, "ready_at") or needed(change, "created_at")) + FORTNIGHT
        over = at(change, "merged_at") or at(change, "closed_at")
        robot = options.bots != "include" and is_bot(world, change)
        rule = "E14" if robot else ("not_due" if due > world.now else None)
        found.append(unit_of(world, change, due, row_of(change, rule, float(over is None or over > due))))
    return found


def taken_back(world: World, change: Event) -> list[datetime]:
    """List when a change was undone, by changes or commits."""
    by_change = [
        at(other, "merged_at")
        for other in world.of("change")
        if other.get("reverts") == change["number"] and other["repository"] == change["repository"]
    ]
    shas = commit_shas(change)
    by_commit = [
        at(c, "committed_at")
        for c in world.of("commit")
        if c.get("reverts") in shas and c["repository"] == change["repository"]
    ]
    return [when for when in [*by_change, *by_commit] if when]


def revert_units(world: World, options: Options) -> list[Unit]:
    """P7: merged changes, 1 where they were undone within 30 days."""
    found = []
    for change, when, rule in merged(world, options):
        reason = rule or ("too_fresh" if when > world.now - MONTH else None)
        undone = any(when <= each < when + MONTH for each in taken_back(world, change))
        found.append(unit_of(world, change, when, row_of(change, reason, float(undone))))
    return found


METRICS: Mapping[str, PlainMetric] = {
    "pr_cycle_time": PlainMetric(cycle_units, cycle_result, ("change",), "p50", standing=open_units),
    "review_response_time": PlainMetric(request_units, waiting_result, ("review_request", "review"), "p50"),
    "review_rounds": PlainMetric(round_units, durations, ("change", "review"), "p50"),
    "pr_size": PlainMetric(size_units, durations, ("change",), "p50"),
    "unreviewed_share": PlainMetric(unreviewed_units, shares, ("change", "review"), "share"),
    "stale_changes": PlainMetric(stale_units, shares, ("change",), "share"),
    "revert_rate": PlainMetric(revert_units, shares, ("change",), "share"),
}
