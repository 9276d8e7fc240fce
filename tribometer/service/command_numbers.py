"""``tribometer metric``, ``explain`` and ``doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tribometer.errors import UsageError
from tribometer.service.asked import Asked  # noqa: TC001 - typer reads the annotations
from tribometer.service.command import session
from tribometer.service.command_asked import asking, given
from tribometer.service.surveys.results import is_survey_metric
from tribometer.service.terminal import progress, write, write_json, write_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tribometer.service.session import Session

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(metric)
    app.command()(explain)
    app.command()(doctor)


@asking
def metric(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="A metric; without it, the catalogue.")] = None,
    *,
    options: Asked,
    as_json: Json = False,
) -> None:
    """Compute a metric, or list the catalogue."""
    if name is None:
        _catalogue(options, as_json=as_json)
        return
    with session(context, reading=True) as opened, progress() as tell:
        result = opened.perform("metric", {"name": name, **options}, tell)
    if as_json:
        write_json(result)
    elif is_survey_metric(name):
        from tribometer.service.surveys.results_text import write_metric  # noqa: PLC0415 - JSON needs none of it

        write_metric(result)
    else:
        from tribometer.service.result_text import write_result  # noqa: PLC0415 - as above

        write_result(result)


@asking
def explain(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A metric.")],
    *,
    options: Asked,
    rows: Annotated[bool, typer.Option("--rows", help="List every unit looked at; with --json as JSON Lines.")] = False,
    as_json: Json = False,
) -> None:
    """Show a metric's definition, the SQL that ran, and what was counted and left out by which rule."""
    arguments = {"name": name, **options}
    with session(context, reading=True) as opened, progress() as tell:
        if rows:
            _rows(opened, arguments, as_json=as_json)
            return
        result = opened.perform("explain", arguments, tell)
    if as_json:
        write_json(result)
    else:
        from tribometer.service.result_text import write_explanation  # noqa: PLC0415 - as above

        write_explanation(result)


def _rows(opened: Session, asked: Mapping[str, Any], *, as_json: bool) -> None:
    """Print lines as they come, or a table when all are there."""
    told: list[Mapping[str, Any]] = []

    def tell(message: Mapping[str, Any]) -> None:
        if "row" in message and as_json:
            write_json(message["row"], line=True)
        elif "row" in message:
            told.append(message["row"])

    opened.perform("rows", asked, tell)
    if not as_json:
        _write_rows(told)


def _write_rows(rows: list[Mapping[str, Any]]) -> None:
    from tribometer.service.result_text import evidence_text  # noqa: PLC0415 - as above

    head = ("unit", "id", "counted", "value", "rule", "evidence")
    table = [(*(_cell(row[name]) for name in head[:-1]), evidence_text(row["evidence"])) for row in rows]
    write_table(head, table, right=("value",))


def _cell(value: object) -> str:
    words = {None: "", True: "yes", False: "no"}
    return words[value] if value is None or isinstance(value, bool) else str(value)


def _catalogue(options: Asked, *, as_json: bool) -> None:
    if narrowed := given(options):
        raise UsageError(f"{', '.join(narrowed)}: of which metric? Name one; `tribometer metric` alone lists them.")
    from tribometer.service.operations import catalogue  # noqa: PLC0415 - loads every definition

    listed = catalogue()
    if as_json:
        write_json(listed)
        return
    questions = {found["name"]: found["question"] for found in listed["metrics"]}
    width = max(map(len, questions))
    for title, names in listed["groups"].items():
        write("\n".join([title, *(f"  {name:<{width}}  {questions[name]}" for name in names), ""]))


def doctor(
    context: typer.Context,
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no server what its credential allows.")] = False,
    as_json: Json = False,
) -> None:
    """Check configuration, sources, coverage and versions; each finding says what to do."""
    with session(context, reading=True) as opened, progress() as tell:
        report = opened.perform("doctor", {"offline": offline}, tell)
    if as_json:
        write_json(report)
    else:
        from tribometer.service.doctor_text import write_report  # noqa: PLC0415 - JSON needs none of it

        write_report(report)
    raise typer.Exit(0 if report["ok"] else 1)
