"""``tribometer report``: the report of a month as words and numbers, and as a page where one is asked for."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from metrics import Query
from metrics.friction import telling
from tribometer.service.address import Address
from tribometer.service.hints import hints
from tribometer.service.report.content import KEYS, content
from tribometer.service.report.links import Links
from tribometer.service.report.months import month_of, scope_of
from tribometer.service.report.page import page
from tribometer.service.report.words import sheet
from tribometer.service.surveys.advancing import LOCAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.result import MetricResult
    from tribometer.service.instance import Instance
    from tribometer.service.operations import Tell
    from tribometer.service.report.content import Report


def report(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Make the report of ``month`` (like 2026-10), of a ``service``, a ``team`` or all; with ``page`` as HTML too."""
    month = month_of(instance.clock(), arguments.get("month"))
    scope = scope_of(instance, arguments.get("service"), arguments.get("team"))
    made = content(instance, month, scope)
    if not any(key.result.n for key in made.keys):
        _hint(instance, made, tell)
    links = Links(public_address(instance), scope)
    told_of = told(made, links)
    return {**told_of, "page": page(made, links)} if arguments.get("page") else told_of


def _hint(instance: Instance, found: Report, tell: Tell) -> None:
    """Say what to do about a month in which nothing is known."""
    month, scope = found.month, found.scope
    query = Query(
        KEYS[0],
        service=scope.get("service"),
        team=scope.get("team"),
        start=month.start,
        end=month.end,
        now=found.now,
    )
    for hint in hints(instance, query, found.keys[0].result):
        tell({"hint": hint})


def public_address(instance: Instance) -> str:
    """Where readers find the pages of this service, without a slash at the end."""
    serving = Address.read(instance.settings.data)
    return (instance.settings.surveys.url or (serving.url if serving else LOCAL)).rstrip("/")


def told(found: Report, links: Links) -> dict[str, Any]:
    """A report ready for JSON: its numbers as the API tells them, and ``words``, which page and terminal print."""
    return {
        "month": found.month.name,
        "scope": dict(found.scope),
        "demo": found.demo,
        "computed_at": found.now.isoformat(),
        "keys": [
            {
                **_alone(key.result),
                "comparison": key.comparison.to_dict(),
                "months": [_alone(each) for each in key.course],
            }
            for key in found.keys
        ],
        "stages": _alone(found.stages),
        "friction": telling.told(found.friction),
        "onboarding": [{**_alone(each.result), "comparison": each.comparison.to_dict()} for each in found.onboarding],
        "words": asdict(sheet(found, links)),
    }


def _alone(result: MetricResult) -> dict[str, Any]:
    told_of = result.to_dict()
    return {name: value for name, value in told_of.items() if name != "series"}
