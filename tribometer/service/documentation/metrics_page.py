"""``docs/metrics.md``: every metric with its question, formula, rules, caveats, source and SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from metrics import CATALOGUE
from metrics.benchmark import EDITION, editions
from metrics.edge_rules import EDGE_RULES
from metrics.wording import RULES, STATUS, share_text
from surveys.catalogue import catalogue as survey_catalogue
from tribometer.service.documentation.facts_page import uses
from tribometer.service.documentation.markdown import blocks, bullets, document, fenced, link, said, table
from tribometer.service.operations import catalogue
from tribometer.settings import SurveySettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metrics import Coverage, Metric
    from surveys.catalogue import SurveyMetric

INTRO = """Every number is given per service with its interval, how many units it rests on, and what was left out by
which rule; over several services it is a distribution. Durations are seconds, shares 0 to 1, times UTC. What is missing
is null and has a status, never 0. `tribometer explain NAME` shows the same for your own data, and `--rows` every
unit."""
UNITS = {
    "seconds": "a duration in seconds",
    "share": "a share, 0 to 1",
    "per_day": "a rate per day",
    "per_week": "a rate per week",
    "score": "a score, 0 to 10",
    "score_of_20": "a score, 0 to 20",
    "hours": "hours a week",
}
SURVEYED = survey_catalogue(SurveySettings().contracted_hours)
SOUND = "the number is sound"
AGGREGATE = re.compile(r", (?=[A-Z]+_?[A-Z]+\()")
"""Where a list of aggregates may be broken."""


def page() -> str:
    """Make the page."""
    sections = [(metric.title, _section(metric)) for metric in CATALOGUE.values()]
    sections += [(asked.title, _survey_section(asked)) for asked in SURVEYED.values()]
    last = [("Statuses", _statuses()), ("Edge rules", _edge_rules())]
    further = f"Beside the metrics: {link('statuses', 'Statuses')} and {link('edge rules', 'Edge rules')}."
    return document("Metrics", INTRO, [*sections, *last], blocks(_contents(), further))


def _contents() -> str:
    rows: list[tuple[str, ...]] = []
    for title, listed in catalogue()["groups"].items():
        rows.append((f"**{title}**", ""))
        known = [CATALOGUE.get(name) or SURVEYED[name] for name in listed]
        rows += [(link(each.title, each.title), each.question) for each in known]
    return table(("metric", "question"), rows)


def _section(metric: Metric) -> str:
    return blocks(
        f"**{metric.question}** {said(metric.formula, metric.name, 'a formula')}",
        table((f"`{metric.name}`", f"version {metric.version}"), _traits(metric)),
        f"Read it with care:\n\n{bullets(metric.caveats)}",
        f"Do not compare it with:\n\n{bullets(metric.not_comparable)}",
        _sql(metric),
    )


def _survey_section(metric: SurveyMetric) -> str:
    way = f"{metric.better} is better"
    traits = (
        ("what it is", f"{UNITS.get(metric.unit, metric.unit)}; {way}"),
        ("period", f"the newest wave that was closed in {metric.window_days} days up to now, unless one is given"),
        ("series by", "team, tenure, wave"),
        ("source", metric.source),
    )
    return blocks(
        f"**{metric.question}** {said(metric.formula, metric.name, 'a formula')}",
        table((f"`{metric.name}`", f"version {metric.version}"), traits),
        f"Read it with care:\n\n{bullets(metric.caveats)}",
        f"Do not compare it with:\n\n{bullets(metric.not_comparable)}",
        "It is made from what a closed wave publishes; neither SQL nor rows of answers are told.",
    )


def _traits(metric: Metric) -> Iterator[tuple[str, str]]:
    way = "neither way is better" if metric.better == "neither" else f"{metric.better} is better"
    yield "what it is", f"{UNITS.get(metric.unit, metric.unit)}; {way}"
    yield from _defaults(metric)
    if metric.minimum_n > 1:
        yield "units needed", f"{metric.minimum_n}; fewer are too few for an interval"
    if metric.by or metric.cuts:
        yield "series by", ", ".join((*metric.by, *metric.cuts))
    if metric.beside:
        yield "beside the value", ", ".join(f"`{name}`" for name in metric.beside)
    if metric.reads:
        yield "made from", ", ".join(link(name, name, "events.md") for name in sorted(metric.reads))
    if metric.needs:
        yield "not observable without", ", ".join(link(name, name, "events.md") for name in sorted(metric.needs))
    for coverage in (metric.gate, metric.coverage):
        if coverage is not None:
            yield "coverage", _coverage(coverage)
    if metric.rules:
        yield "edge rules", ", ".join(f"[{rule}](#{rule.lower()})" for rule in metric.rules)
    if metric.benchmark is not None:
        yield "beside it", f"{editions()[EDITION]['title']}, for orientation"
    yield "source", metric.source


def _defaults(metric: Metric) -> Iterator[tuple[str, str]]:
    if metric.statistic is None:
        yield "period and defaults", "those of the metrics it is computed from"
    else:
        yield "period", f"{metric.window_days} days up to the last midnight, unless one is given"
        yield "defaults", f"`--clock {metric.clock} --bots {metric.bots}`"


def _coverage(coverage: Coverage) -> str:
    if coverage.floor is None:
        return f"the share of {coverage.of}, beside the number"
    return f"the share of {coverage.of}; below {share_text(coverage.floor)} the number is hidden"


def _sql(metric: Metric) -> str:
    """The select of units and what is made of them; a metric made of others has neither."""
    if metric.statistic is None:
        return "It is computed from the results of other metrics and has no SQL of its own."
    facts = ", ".join(link(name, name, "facts.md") for name in uses(metric.sql))
    columns = AGGREGATE.sub(",\n    ", metric.statistic.columns())
    return blocks(
        f"Its units, from {'the facts ' + facts if facts else 'stored tables alone'}:",
        fenced(metric.sql, "sql"),
        "What is aggregated of them, per service and over all:",
        fenced(f"SELECT {columns}\nFROM units WHERE counted", "sql"),
    )


def _statuses() -> str:
    return table(("status", "meaning"), ((f"`{name}`", words or SOUND) for name, words in STATUS.items()))


def _edge_rules() -> str:
    """The rules in full; the short words stand beside an exclusion in a result."""
    full = ((_named(rule), RULES.get(rule, ""), words) for rule, words in EDGE_RULES.items())
    others = ((_named(rule), words, "") for rule, words in RULES.items() if rule not in EDGE_RULES)
    return blocks(
        "Where the plain definition leaves it open, a numbered rule decides, and a result says how often each did.",
        table(("rule", "in a result", "what it says"), [*full, *others]),
    )


def _named(rule: str) -> str:
    return f'<a id="{rule.lower()}"></a>{rule}'
