"""Default-branch breakage (C8) a second time in plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from plain_ci import Attempt, attempts, jobs_by_attempt
from plain_ci_units import aggregated, unit_of
from plain_clock import elapsed
from plain_events import Options, Scope, World
from plain_result import Result
from plain_statistics import percentile, survival_percentile
from plain_units import Unit

TWO_WEEKS = timedelta(days=14)
WEEK = 7 * 86400.0
Turn = tuple[Attempt, datetime | None]


def breakage_units(world: World, options: Options) -> list[Unit]:
    """C8: attempts on default branches, with the breaks that they began."""
    red = turned(world)
    found, reached = [], dict[str, datetime]()
    for each, green in sorted(red, key=lambda pair: (pair[0].ended, pair[0].event["workflow"])):
        if green is None:
            continue
        repository, ends = each.event["repository"], min(green, world.now) if green == world.now else green
        ends = max(ends, each.ended)
        before = reached.get(repository)
        begins = min(max(before or each.ended, each.ended), ends)
        more = {
            "fresh": elapsed(begins, ends, options.clock),
            "own": elapsed(each.ended, ends, options.clock),
            "is_fresh": before is None or before < each.ended,
            "open": green == world.now and not any_green(red, each),
            "flake": is_lucky(red, each),
            "repository": repository,
        }
        reached[repository] = max(before or ends, ends)
        found.append(unit_of("attempt", each, more["fresh"], None, more))
    quiet = [(each, green) for each, green in red if green is None]
    return found + [unit_of("attempt", each, 0.0, None, {"repository": each.event["repository"]}) for each, _ in quiet]


def turned(world: World, these: Sequence[Attempt] | None = None) -> list[Turn]:
    """C8: decided attempts on default branches; those that broke one with when it was green again, or now."""
    ran = jobs_by_attempt(world)
    lines: dict[tuple[str, str], list[Attempt]] = {}
    for each in sorted(attempts(world) if these is None else these, key=lambda a: (a.ended, a.outcome, a.key)):
        if each.branch == "default" and each.rule is None and each.event.get("event") != "schedule":
            failed = [job for job in ran.get(each.key, []) if job.failed]
            if each.outcome == "success" or not failed or any(job.required and job.ended for job in failed):
                lines.setdefault((each.event["repository"], each.event["workflow"]), []).append(each)
    found: list[Turn] = []
    for line in lines.values():
        for place, each in enumerate(line):
            begins = each.outcome == "failure" and (place == 0 or line[place - 1].outcome == "success")
            greens = [other.ended for other in line[place:] if other.outcome == "success"]
            found.append((each, (greens[0] if greens else world.now) if begins else None))
    return found


def same_line(red: Iterable[Turn], attempt: Attempt) -> list[Attempt]:
    """C8: the later successes of an attempt's workflow."""
    line = (attempt.event["repository"], attempt.event["workflow"])
    return [
        each for each, _ in red if (each.event["repository"], each.event["workflow"]) == line
        and each.outcome == "success" and each.ended >= attempt.ended
    ]  # fmt: skip


def any_green(red: Iterable[Turn], attempt: Attempt) -> bool:
    """C8: whether a break is over."""
    return bool([each for each in same_line(red, attempt) if (each.ended, "success") > (attempt.ended, "failure")])


def is_lucky(red: Iterable[Turn], attempt: Attempt) -> bool:
    """C8: whether the same tree turned green."""
    return any(
        each.tree == attempt.tree and attempt.ended < each.ended <= attempt.ended + TWO_WEEKS
        for each in same_line(red, attempt)
    )


def breakage(units: Sequence[Unit], scope: Scope) -> Result:
    """C8: hours per week and repository, within a window."""
    breaks = [each.more for each in units if "fresh" in each.more]
    islands = [each for each in breaks if each["is_fresh"]]
    broken = sum(each["fresh"] for each in breaks)
    over = [each["own"] for each in breaks if not each["open"]]
    ongoing = [each["own"] for each in breaks if each["open"]]
    weeks = (min(scope.end, scope.world.now) - scope.start).total_seconds() / WEEK
    repositories = {each.more["repository"] for each in units}
    extra = {
        "broken_seconds": broken,
        "breaks": len(islands),
        "flake_breaks": sum(each["flake"] for each in islands),
        "time_to_green": {"p50": median(over, ongoing), "n": len(breaks), "censored": len(ongoing)},
    }
    return aggregated(units, broken / 3600 / (weeks * max(1, len(repositories))), extra)


def median(over: Sequence[float], ongoing: Sequence[float]) -> float | None:
    """Give the median of durations of which some go on."""
    return survival_percentile(over, ongoing, 0.5) if ongoing else percentile(over, 0.5)
