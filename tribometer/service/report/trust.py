"""How far to trust a report: what each number covers, what was left out by which rule, and what holds for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics import CATALOGUE
from metrics.benchmark import EDITION, editions
from metrics.wording import RULES, share_text
from tribometer.service.friction import METRIC
from tribometer.service.report.content import STAGES
from tribometer.service.report.links import call, friction_call
from tribometer.service.report.sheet import TrustRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metrics.result import CoverageShare, MetricResult
    from tribometer.service.report.content import Report
    from tribometer.service.report.links import Links

CHANGED_HANDS = (
    "Services changed hands in these two months: each counts for the team that owned it at the time; where it says "
    "today's owners, every past counts for them."
)
CALENDAR = "Here a month is compared with the calendar month before; the pages compare with as many days before."
MEDIANS = "Of several services a value is the median over them; intervals and comparisons are of all units together."
"""What one number of many services is."""


def trust(report: Report, links: Links) -> Iterator[TrustRow]:
    """A row for every number of the page."""
    for result in report.results:
        metric = CATALOGUE[result.metric]
        yield TrustRow(
            title=metric.title,
            version=result.version,
            covered=_covered(result.coverage),
            left_out=tuple(_left_out(result)),
            note=result.hint or "",
            opens=links.opens(result, part=result.metric == STAGES),
            call=call(result),
        )
    board = CATALOGUE[METRIC]
    yield TrustRow(board.title, board.version, "", (), "", links.friction(), friction_call(report.scope, report.month))


def _covered(coverage: CoverageShare | None) -> str:
    if coverage is None:
        return ""
    if coverage.share is None:
        return f"nothing to judge: 0 of 0 {coverage.of}"
    floor = f", {share_text(coverage.floor)} needed" if coverage.floor is not None else ""
    return f"{share_text(coverage.share)} of {coverage.of}{floor}"


def _left_out(result: MetricResult) -> Iterator[str]:
    for rule, count in (result.exclusions or {}).items():
        if count:
            yield f"{count:,} by {rule}: {RULES.get(rule, 'see the definition')}"


def notes(report: Report) -> Iterator[str]:
    """What holds for the whole page."""
    yield CALENDAR
    if any(result.services is not None and result.services.n > 1 for result in report.results):
        yield MEDIANS
    if report.changed_hands:
        yield CHANGED_HANDS
    if any(key.result.benchmark for key in report.keys):
        yield f"Published means: {editions()[EDITION]['attribution']}. They are for orientation, never a target."
