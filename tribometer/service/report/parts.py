"""What stands below the five keys, in words: stages, friction, onboarding and verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.data import stage_records, untold_stages
from dashboards.friction_words import FEW, number, places_words, rank_words
from dashboards.statuses import status_words
from metrics import CATALOGUE
from metrics.verdicts.finding import HORIZONS
from metrics.verdicts.wording import VERDICTS, effect_text
from metrics.wording import share_text, unit_of, value_text
from tribometer.service.report.links import call, friction_call, verdict_call
from tribometer.service.report.sheet import FrictionRow, Frictions, StageRow, Stages, VerdictRow, YearlyRow
from tribometer.service.report.wording import against_of, number_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from metrics.friction.board import Board, Line
    from tribometer.service.report.content import Report, Yearly
    from tribometer.service.report.links import Links
    from tribometer.service.report.verdicts import Verdict

TOP = 3
YEARS = ("these twelve months", "the twelve before")
SHARES = "Mean shares on the calendar clock; medians of stages do not add up."
ORGANISATION = "How soon newcomers ship is told of the whole organisation only, so that nobody can be guessed."

NOTHING_DUE = f"No intervention came to a horizon ({', '.join(map(str, HORIZONS))} weeks) in this month."
EVERYBODY = "A verdict is over everybody whom the intervention reached, whatever this page is of."


def stages_of(report: Report, links: Links) -> Stages:
    """Where a change waits."""
    rows = tuple(
        StageRow(each["stage"], each["share"], each["words"], each["median"], f"{each['n']:,}")
        for each in stage_records(report.stages)
    )
    found = report.stages
    untold = [name for names in untold_stages(found).values() for name in names]
    unseen = f" Not seen here: {', '.join(untold)}." if untold else ""
    why = status_words(found, report.unread) or "no change was shipped"
    note = f"{SHARES}{unseen}" if rows else f"No stage can be told: {why}."
    return Stages(rows, note, links.opens(found, part=True), call(found))


def frictions_of(report: Report, links: Links) -> Frictions:
    """The costliest kinds of friction."""
    board = report.friction
    lines = [line for line in board.lines if line.status == "ok" and line.hours is not None and line.hours.value > 0]
    rows = tuple(_friction(line) for line in lines[:TOP])
    note = _order(board, lines) if rows else "Nothing was lost that any source tells of."
    return Frictions(rows, note, links.friction(), friction_call(report.scope, report.month))


def _friction(line: Line) -> FrictionRow:
    hours = line.hours
    low, high = (hours.low, hours.high) if hours else (None, None)
    return FrictionRow(
        rank=rank_words(line).rstrip("?"),
        title=line.kind.title,
        hours=number(hours.value) if hours else "",
        interval="" if low is None or high is None else f"{number(low)} to {number(high)}",
        places=places_words(line),
    )


def _order(board: Board, lines: Sequence[Line]) -> str:
    if board.total.low is None:
        return FEW.partition(":")[0] + "."
    tie = next((each for each in board.ties if each[0] == 1), None)
    if tie is None:
        return "The first is more than the others beyond chance."
    return f"Cannot be told apart: {', '.join(line.kind.title for line in lines[: tie[1]])}."


def onboarding_of(report: Report, links: Links) -> Iterator[YearlyRow]:
    """How soon new services and new people ship."""
    for each in report.onboarding:
        yield _yearly(each, report, links)


def _yearly(each: Yearly, report: Report, links: Links) -> YearlyRow:
    result, found = each.result, each.comparison
    return YearlyRow(
        metric=result.metric,
        title=CATALOGUE[result.metric].title,
        number=number_of(result, report.unread),
        before=value_text(unit_of(result), found.other_value),
        against=against_of(result, found, YEARS),
        opens=links.opens(result),
        call=call(result),
    )


def verdicts_of(report: Report, links: Links) -> Iterator[VerdictRow]:
    """What came of interventions."""
    for each in report.verdicts.told:
        found = each.finding
        metric = CATALOGUE[each.metric]
        expected = f" by {share_text(each.share)}" if each.share is not None else ""
        yield VerdictRow(
            name=each.name,
            metric=metric.title,
            horizon=each.horizon,
            verdict=found.verdict,
            words=VERDICTS[found.verdict],
            effect=_effect(each),
            reason=found.reason or "",
            expected=f"{each.direction}{expected}",
            remarks="; ".join(each.remarks),
            opens=links.intervention(each.name),
            call=verdict_call(each.name),
        )


def _effect(each: Verdict) -> str:
    found, unit = each.finding, CATALOGUE[each.metric].unit
    if found.effect is None:
        return ""
    told = effect_text(found.effect, each.scale, unit)
    if found.low is None or found.high is None:
        return told
    low, high = (effect_text(bound, each.scale, unit) for bound in (found.low, found.high))
    return f"{told} (95 % interval {low} to {high})"


def verdicts_note(report: Report) -> str:
    """What was not judged here, or that nothing was due."""
    told, left = report.verdicts.told, report.verdicts.left
    if not (told or left):
        return NOTHING_DUE
    unjudged = f"Not judged here: {', '.join(left)}." if left else ""
    return " ".join(filter(None, (unjudged, EVERYBODY if report.scope else "")))
