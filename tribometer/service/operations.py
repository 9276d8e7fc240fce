"""What the commands do, as functions of an open instance: the service runs the same ones for commands beside it.

Arguments and results are JSON-ready, so that a command prints the same whether it works on the folder itself or asks
the service that holds it. What is worth saying on the way is told: ``progress``, ``row``, ``hint``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any, get_args

from tribometer.errors import EventRejected, UsageError
from tribometer.events import parse_event
from tribometer.service import asked
from tribometer.service.hints import hints
from tribometer.service.surveys import results as survey_results
from tribometer.settings import SurveySettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metrics import Query
    from tribometer.service.instance import Instance

Tell = Callable[[Mapping[str, Any]], None]
Operation = Callable[["Instance", Mapping[str, Any], Tell], dict[str, Any]]
API = "api"
DEMO = "Demo organisation: a generated one. None of this is real."


def catalogue() -> dict[str, Any]:
    """List every metric with what it asks and where it misleads, and their names in groups."""
    from metrics import CATALOGUE  # noqa: PLC0415 - the catalogue loads every definition
    from metrics.definition import Group  # noqa: PLC0415 - as above
    from surveys.catalogue import GROUP  # noqa: PLC0415 - as above
    from surveys.catalogue import catalogue as survey_catalogue  # noqa: PLC0415 - as above

    fields = ("name", "version", "title", "unit", "better", "question", "formula", "source", "window_days")
    listed = [
        {field: getattr(found, field) for field in fields}
        | {field: list(getattr(found, field)) for field in ("caveats", "not_comparable", "rules")}
        | {"versions": {str(each.version): each.changed for each in (*found.earlier, found)}}
        for found in CATALOGUE.values()
    ]
    surveyed = survey_catalogue(SurveySettings().contracted_hours)
    listed += [
        {field: getattr(asked, field) for field in fields}
        | {field: list(getattr(asked, field)) for field in ("caveats", "not_comparable", "rules")}
        | {"versions": {str(asked.version): ""}}
        for asked in surveyed.values()
    ]
    groups: dict[str, list[str]] = {title: [] for title in get_args(Group)}
    for found in CATALOGUE.values():
        groups[found.group].append(found.name)
    groups[GROUP] = list(surveyed)
    return {"metrics": listed, "groups": {title: names for title, names in groups.items() if names}}


def _query(instance: Instance, arguments: Mapping[str, Any]) -> Query:
    if arguments.get("compare") is not None:
        raise UsageError("compare: only a metric's value is compared; ask without it.")
    options = asked.Asked(**{key: arguments.get(key) for key in asked.Asked.__annotations__})  # type: ignore[typeddict-item]
    return asked.query(arguments["name"], options, instance.clock())


def metric(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Compute one metric: the contract's result object."""
    if survey_results.is_survey_metric(arguments["name"]):
        return survey_results.metric(instance, arguments)
    query = _query(instance, {**arguments, "compare": None})
    result = instance.numbers.compute(query)
    for hint in hints(instance, query, result):
        tell({"hint": hint})
    against = arguments.get("compare")
    return (
        result.to_dict() if against is None else {**result.to_dict(), "comparison": _beside(instance, query, against)}
    )


def _beside(instance: Instance, query: Query, against: str) -> dict[str, object]:
    """Compare with another window or scope; both answers are kept like any other."""
    from metrics.comparison import compared, other_query  # noqa: PLC0415 - loads every definition

    numbers = instance.numbers
    this = numbers.compute(query)
    # a window of people is widened to whole cohorts: the one before it ends where the widened one begins
    other = other_query(replace(query, start=this.window.from_, end=this.window.to), against)
    found = compared(this, numbers.compute(other), against)
    if numbers.reorganised(query) or numbers.reorganised(other):
        now = [numbers.compute(replace(each, by=None, owners="now")) for each in (query, other)]
        found = replace(found, as_is_now=compared(now[0], now[1], against))
    return found.to_dict()


def explain(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Return definition, SQL, and what was counted and excluded."""
    if survey_results.is_survey_metric(arguments["name"]):
        return survey_results.explain(instance, arguments)
    query = _query(instance, arguments)
    explanation = instance.numbers.explain(query)
    for hint in hints(instance, query, explanation.result):
        tell({"hint": hint})
    return explanation.to_dict()


def rows(instance: Instance, arguments: Mapping[str, Any], limit: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield the units a metric looked at, at most `limit`."""
    if survey_results.is_survey_metric(arguments["name"]):
        survey_results.refuse_rows(arguments["name"])
    return islice(instance.numbers.each_unit(_query(instance, arguments)), limit)


def tell_rows(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Tell every unit a metric looked at."""
    count = 0
    for count, row in enumerate(rows(instance, arguments), start=1):  # noqa: B007 - the count is the result
        tell({"row": row})
    return {"rows": count}


def land_events(instance: Instance, content: list[object]) -> dict[str, Any]:
    """Land what is good of a list of JSON values; ``errors`` gives index and reason of the rest."""
    from tribometer.store import Rejected  # noqa: PLC0415 - the store loads DuckDB

    events, rejected, errors = [], [], []
    for index, item in enumerate(content):
        try:
            events.append(parse_event(item))
        except EventRejected as error:
            errors.append({"index": index, "reason": error.reason})
            rejected.append(Rejected(API, None, error.reason, json.dumps(item)))
    landed = instance.store.land(events, kind=API, rejected=rejected)
    instance.changed()
    counts = {"new": landed.new, "updated": landed.updated, "unchanged": landed.unchanged, "rejected": len(errors)}
    return {**counts, "errors": errors}


OPERATIONS: Mapping[str, str] = {
    "metric": "tribometer.service.operations:metric",
    "explain": "tribometer.service.operations:explain",
    "rows": "tribometer.service.operations:tell_rows",
    "friction": "tribometer.service.friction:friction",
    "digest": "tribometer.service.digest.operations:digest",
    "report": "tribometer.service.report.operations:report",
    "import": "tribometer.service.importing:import_files",
    "discard": "tribometer.service.importing:discard",
    "collect": "tribometer.service.collecting:collect",
    "doctor": "tribometer.service.doctor:examine",
    "map_environment": "tribometer.service.environments:map_environment",
    "export": "tribometer.service.exporting:export",
    "backup": "tribometer.service.backing_up:backup",
    "restore": "tribometer.service.backing_up:restore",
    "people_suggestions": "tribometer.service.people:suggestions",
    "people_who": "tribometer.service.people:who",
    "people_join": "tribometer.service.people:join",
    "people_apart": "tribometer.service.people:apart",
    "intervention_add": "tribometer.service.interventions.operations:add",
    "intervention_amend": "tribometer.service.interventions.operations:amend",
    "intervention_list": "tribometer.service.interventions.operations:list_all",
    "intervention_verdict": "tribometer.service.interventions.verdicts:verdict",
    "intervention_withdraw": "tribometer.service.interventions.operations:withdraw",
    "survey_import": "tribometer.service.surveys.importing:survey_import",
    "survey_list": "tribometer.service.surveys.operations:listed",
    "survey_open": "tribometer.service.surveys.operations:opened",
    "survey_close": "tribometer.service.surveys.operations:closed",
    "survey_invite": "tribometer.service.surveys.operations:invited",
    "survey_status": "tribometer.service.surveys.operations:status",
    "survey_revoke": "tribometer.service.surveys.operations:revoked",
    "survey_promise": "tribometer.service.surveys.operations:promised",
    "survey_links": "tribometer.service.surveys.operations:links",
    "survey_preview": "tribometer.service.surveys.operations:preview",
    "survey_results": "tribometer.service.surveys.results:survey_results",
    "token_add": "tribometer.service.tokens:add",
    "token_list": "tribometer.service.tokens:list_all",
    "token_revoke": "tribometer.service.tokens:revoke",
}
"""Where every operation stands, by the name under which the service offers it to local commands."""


def operation(name: str) -> Operation:
    """Load an operation: reading a number shall not wait for the imports of collecting."""
    module, _, function = OPERATIONS[name].partition(":")
    found: Operation = getattr(import_module(module), function)
    return partial(_saying_demo, found)


def _saying_demo(found: Operation, instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Perform; whoever asks a demo is told that it is one, whatever they asked."""
    if instance.numbers.demo:
        tell({"hint": DEMO})
    return found(instance, arguments, tell)
