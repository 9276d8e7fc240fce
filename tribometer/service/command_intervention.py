"""``tribometer intervention``."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tribometer.errors import UsageError
from tribometer.service.command import AsJson, performed
from tribometer.service.terminal import say, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Name = Annotated[str, typer.Argument(help="The name of an intervention.")]
Metrics = Annotated[list[str] | None, typer.Option("--metric", help="What it shall move; may be repeated.")]
Directions = Annotated[
    list[str] | None,
    typer.Option("--direction", help="down or up, or METRIC=down; default: where the metric gets better."),
]
Expected = Annotated[
    list[str] | None, typer.Option("--expected", help="By which share of its value before: 20%, or METRIC=20%.")
]
Release = Annotated[str | None, typer.Option("--release", metavar="DATE", help="The day (UTC) of its release.")]
Teams = Annotated[list[str] | None, typer.Option("--team", help="A team that gets it; default: everybody.")]
Services = Annotated[list[str] | None, typer.Option("--service", help="A service that gets it.")]
Rollout = Annotated[
    list[str] | None,
    typer.Option("--rollout", metavar="NAME=DATE", help="Who gets it when, where not all do at once; may be repeated."),
]
RolloutFile = Annotated[
    Path | None, typer.Option("--rollout-file", help="The same as CSV with the columns scope and date.")
]
Notes = Annotated[str | None, typer.Option("--notes", help="What it is, in a sentence.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    intervention = typer.Typer(
        help="Did it help: register what is done to reduce friction before its release, and judge it behind it.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    intervention.command()(add)
    intervention.command()(amend)
    intervention.command("list")(list_all)
    intervention.command()(verdict)
    intervention.command()(withdraw)
    app.add_typer(intervention, name="intervention")


def add(  # noqa: PLR0913, PLR0917 - one option each
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What to call it, like: build cache.")],
    metric: Metrics = None,
    direction: Directions = None,
    expected: Expected = None,
    release: Release = None,
    team: Teams = None,
    service: Services = None,
    rollout: Rollout = None,
    rollout_file: RolloutFile = None,
    notes: Notes = None,
    *,
    after_the_fact: Annotated[
        bool, typer.Option("--after-the-fact", help="Its release is over: take it, marked as exploration for ever.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Register an intervention with what is expected of it. From its first release on nothing of it can be changed."""
    told = performed(
        context,
        "intervention_add",
        {
            **_given(metric, direction, expected, release, team, service, [*(rollout or ()), *_lines(rollout_file)]),
            "name": name,
            "notes": notes,
            "after_the_fact": after_the_fact,
        },
        reading=False,
    )
    until = "can be changed until its first release" if told["status"] == "planned" else "stands as it is from now on"
    _say(told, as_json, f"{told['name']} is registered. It {until}.")


def amend(  # noqa: PLR0913, PLR0917 - as above
    context: typer.Context,
    name: Name,
    metric: Metrics = None,
    direction: Directions = None,
    expected: Expected = None,
    release: Release = None,
    team: Teams = None,
    service: Services = None,
    rollout: Rollout = None,
    rollout_file: RolloutFile = None,
    notes: Notes = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Change what is given, before the first release. What it was stays on record: list --history."""
    given = _given(metric, direction, expected, release, team, service, [*(rollout or ()), *_lines(rollout_file)])
    if not any(given.values()) and notes is None:
        raise UsageError("What shall be changed? Give an option; `tribometer intervention amend --help` has them.")
    told = performed(context, "intervention_amend", {**given, "name": name, "notes": notes}, reading=True)
    _say(told, as_json, f"{told['name']} is amended: change {told['revision']}.")


def list_all(
    context: typer.Context,
    *,
    history: Annotated[bool, typer.Option("--history", help="Every change of each, with who and when.")] = False,
    as_json: AsJson = False,
) -> None:
    """List all interventions, withdrawn ones too."""
    told = performed(context, "intervention_list", {"history": history}, reading=True)
    if as_json:
        write_json(told)
        return
    from tribometer.service.interventions.text import write_list  # noqa: PLC0415 - JSON needs none of it

    write_list(told, history=history)


def verdict(context: typer.Context, name: Name, *, as_json: AsJson = False) -> None:
    """Judge an intervention at 4, 12 and 26 weeks: improved, no detectable change, worse, or not enough data."""
    told = performed(context, "intervention_verdict", {"name": name}, reading=True)
    if as_json:
        write_json(told)
        return
    from tribometer.service.interventions.text import write_verdict  # noqa: PLC0415 - as above

    write_verdict(told)


def withdraw(context: typer.Context, name: Name, *, as_json: AsJson = False) -> None:
    """Take an intervention back before its first release. It stays on record, and its name stays taken."""
    told = performed(context, "intervention_withdraw", {"name": name}, reading=True)
    _say(told, as_json, f"{told['name']} is withdrawn.")


def _given(  # noqa: PLR0913, PLR0917 - as above
    metric: list[str] | None,
    direction: list[str] | None,
    expected: list[str] | None,
    release: str | None,
    team: list[str] | None,
    service: list[str] | None,
    rollout: list[str],
) -> dict[str, Any]:
    """What `tribometer.service.interventions.reading.plan` reads."""
    return {
        "metrics": metric or [],
        "directions": direction or [],
        "expected": expected or [],
        "release": release,
        "teams": team or [],
        "services": service or [],
        "rollout": rollout,
    }


def _lines(file: Path | None) -> Iterator[str]:
    """The rows of a roll-out file as they would be written in options."""
    if file is None:
        return
    try:
        rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines(), strict=True))
    except OSError as error:
        raise UsageError(f"--rollout-file {file}: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"--rollout-file {file} is no CSV in UTF-8: {error}.") from None
    if not rows or not {"scope", "date"} <= rows[0].keys():
        raise UsageError(f"--rollout-file {file}: needs the columns scope and date, and a row for each who gets it.")
    for line, row in enumerate(rows, start=2):
        if not row["scope"] or not row["date"]:
            raise UsageError(f"--rollout-file {file}: line {line} lacks a scope or a date.")
        yield f"{row['scope']}={row['date']}"


def _say(told: Mapping[str, Any], as_json: bool, words: str) -> None:  # noqa: FBT001 - as the option has it
    if as_json:
        write_json(told)
        return
    say(words)
    for remark in told["remarks"]:
        say(f"{told['name']} is {remark}.")
