"""A report in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics import CATALOGUE
from tribometer import __version__
from tribometer.service.digest.words import DEMO
from tribometer.service.report.links import Links, call
from tribometer.service.report.parts import (
    ORGANISATION,
    frictions_of,
    onboarding_of,
    stages_of,
    verdicts_note,
    verdicts_of,
)
from tribometer.service.report.sheet import KeyRow, Sheet
from tribometer.service.report.trust import notes, trust
from tribometer.service.report.wording import against_of, course_of, extremes_of, number_of, published_of

if TYPE_CHECKING:
    from tribometer.service.report.content import Key, Report

ONE_SERVICE = "DORA's scale places one service at a time: a service's own report shows it beside the published means."
NO_PLACE = "DORA's scale: no number of this month has a place on it (too few, missing, or an interval over several)."
BETTER = {"higher": "more is better", "lower": "less is better", "neither": ""}


def sheet(report: Report, links: Links) -> Sheet:
    """Put a report into words, with links to where its numbers open."""
    month = report.month
    return Sheet(
        month=month.words,
        before=month.moved(-1).words,
        scope=", ".join(f"{kind} {name}" for kind, name in report.scope.items()) or "the whole organisation",
        name=month.name,
        demo=DEMO if report.demo else "",
        read=f"{report.read_at:%d %b %Y %H:%M} UTC" if report.read_at else "",
        made=f"{report.now:%d %b %Y %H:%M} UTC by Tribometer {__version__}",
        keys=tuple(_key(key, report, links) for key in report.keys),
        published=_published(report),
        stages=stages_of(report, links),
        frictions=frictions_of(report, links),
        onboarding=tuple(onboarding_of(report, links)),
        onboarding_note=ORGANISATION if report.scope else "",
        verdicts=tuple(verdicts_of(report, links)),
        verdicts_note=verdicts_note(report),
        trust=tuple(trust(report, links)),
        stale=report.stale,
        notes=tuple(notes(report)),
    )


def _key(key: Key, report: Report, links: Links) -> KeyRow:
    result = key.result
    times = (report.month.words, report.month.moved(-1).words)
    as_is_now = key.comparison.as_is_now
    return KeyRow(
        metric=result.metric,
        title=CATALOGUE[result.metric].title,
        better=BETTER[result.better],
        month=number_of(result, report.unread),
        before=number_of(key.before, report.unread),
        against=against_of(result, key.comparison, times),
        as_is_now=against_of(result, as_is_now, times).words if as_is_now else "",
        published=published_of(result),
        course=course_of(key.course),
        extremes=extremes_of(key.course),
        opens=links.opens(result),
        call=call(result),
        opens_before=links.opens(key.before),
        call_before=call(key.before),
    )


def _published(report: Report) -> str:
    """Why no key stands beside the published means; empty where one does."""
    if any(key.result.benchmark for key in report.keys):
        return ""
    return ONE_SERVICE if any(key.result.services for key in report.keys) else NO_PLACE
