"""``tribometer import`` and ``collect``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tribometer.errors import UsageError
from tribometer.service import sources
from tribometer.service.address import Address
from tribometer.service.command import place, session
from tribometer.service.terminal import progress, say, write, write_json, write_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FAILED, REJECTED = 1, 3
ALL = "all"
COUNTS = ("new", "updated", "unchanged", "rejected")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_events)
    app.command()(collect)


def import_events(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    files: Annotated[list[str] | None, typer.Argument(metavar="FILE…|-", help="JSON Lines, CSV or Parquet.")] = None,
    event_type: Annotated[str | None, typer.Option("--type", help="Type of rows that name none; CSV needs it.")] = None,
    *,
    resend: Annotated[bool, typer.Option("--resend", help="Try the rejected events again.")] = False,
    discard: Annotated[
        str | None,
        typer.Option(metavar="N [N…]|all", help="Drop rejected events for good, by their numbers in `doctor`."),
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of all types.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as one JSON document.")] = False,
) -> None:
    """Land events of files, or of standard input (-)."""
    ways = {"FILE": bool(files) and discard is None, "--resend": resend, "--discard": discard is not None}
    _check_one_way({**ways, "--schema": schema}, event_type)
    if schema:
        from tribometer.events.schema import json_schema  # noqa: PLC0415 - the models load pydantic

        write_json(json_schema())
    elif discard is not None:
        _discard(context, [discard, *(files or ())], as_json=as_json)
    else:
        _land(context, {"files": files or [], "type": event_type, "resend": resend}, as_json=as_json)


def _check_one_way(ways: Mapping[str, bool], event_type: str | None) -> None:
    chosen = [way for way, taken in ways.items() if taken]
    if len(chosen) != 1:
        both = f"{' and '.join(chosen)} do not go together: " if chosen else ""
        raise UsageError(
            f"{both}name the files to import (- for standard input), or give --resend, --discard or --schema, "
            "one of them."
        )
    if event_type is not None and not {"FILE", "--resend"} & set(chosen):
        raise UsageError(f"--type says what is imported; {chosen[0]} imports nothing.")


def _land(context: typer.Context, arguments: Mapping[str, Any], *, as_json: bool) -> None:
    with session(context, reading=False) as opened, progress() as tell:
        report = opened.perform("import", arguments, tell)
    if as_json:
        write_json(report)
    elif not report["errors"] or any(report[name] for name in COUNTS):
        write_table(COUNTS, [[f"{report[name]:,}" for name in COUNTS]], right=COUNTS)
    _end(report["errors"], report["rejected"], failed=2)


def _discard(context: typer.Context, words: Sequence[str], *, as_json: bool) -> None:
    every = list(words) == [ALL]
    if not (every or all(word.isdecimal() for word in words)):
        raise UsageError("--discard takes numbers as `tribometer doctor` lists them, or `all`, not both.")
    numbers = None if every else [int(word) for word in words]
    with session(context, reading=True) as opened, progress() as tell:
        report = opened.perform("discard", {"numbers": numbers}, tell)
    if as_json:
        write_json(report)
    else:
        write(f"{report['discarded']:,} discarded, {report['kept']:,} still kept")


def collect(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    source: Annotated[
        list[str] | None, typer.Argument(help="Names or kinds of sources, or names of parts; default: all.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Read again what happened since this day.")] = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="Read everything again.")] = False,
    record: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Read everything again, and write what servers answer to a file a source."),
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Take the answers from such a folder, and ask no server.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what each source gave as one JSON document.")] = False,
) -> None:
    """Collect from the configured sources, or from the git clone this stands in."""
    settings = place(context).settings()
    if Address.read(settings.data) is None:
        sources.needed(settings)  # before a data folder is made for nothing
    tapes = {name: str(path.expanduser().absolute()) for name, path in (("record", record), ("replay", replay)) if path}
    arguments = {"sources": source or [], "since": since, "full": full, **tapes}
    with session(context, reading=False) as opened, progress() as tell:
        report = opened.perform("collect", arguments, tell)
    if as_json:
        write_json(report)
    else:
        _write_sources(report["sources"])
    errors = [found["error"] for found in report["sources"] if found["error"]]
    unread = any(part["error"] for found in report["sources"] for part in found["members"])
    _end(errors, sum(found["rejected"] for found in report["sources"]), failed=FAILED, partly=unread)


def _write_sources(sources: Sequence[Mapping[str, Any]]) -> None:
    head = ("source", *COUNTS, "requests", "quota left", "seconds", "next cursor")
    write_table(head, [_row(found) for found in sources], right=head[1:-1])


def _row(found: Mapping[str, Any]) -> Sequence[str]:
    members = len(found["members"])
    parts = f" ({members:,} part{'' if members == 1 else 's'})" if members else ""
    counts = [f"{found[name]:,}" for name in (*COUNTS, "requests")]
    left = f"{found['quota']['left']:,}" if found["quota"] else ""
    return found["source"] + parts, *counts, left, f"{found['seconds']:.1f}", found["position"]


def _end(errors: Sequence[str], rejected: int, *, failed: int, partly: bool = False) -> None:
    """End with the exit code; ``partly``: something failed of which was told already."""
    for error in errors:
        say(f"tribometer: {error}")
    if rejected:
        say(f"Rejected and kept: {rejected:,}. `tribometer doctor` lists them with their reasons.")
    if errors or partly:
        raise typer.Exit(failed)
    raise typer.Exit(REJECTED if rejected else 0)
