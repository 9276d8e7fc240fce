"""``tribometer import`` and ``collect``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tribometer.errors import UsageError
from tribometer.service import sources
from tribometer.service.address import Address
from tribometer.service.command import place, session
from tribometer.service.terminal import progress, say, write_json, write_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FAILED, REJECTED = 1, 3
COUNTS = ("new", "updated", "unchanged", "rejected")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_events)
    app.command()(collect)


def import_events(
    context: typer.Context,
    files: Annotated[list[str] | None, typer.Argument(metavar="FILE…|-", help="JSON Lines, CSV or Parquet.")] = None,
    event_type: Annotated[str | None, typer.Option("--type", help="Type of rows that name none; CSV needs it.")] = None,
    *,
    resend: Annotated[bool, typer.Option("--resend", help="Try the rejected events again.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of all types.")] = False,
) -> None:
    """Land events of files, or of standard input (-)."""
    if schema:
        from tribometer.events.schema import json_schema  # noqa: PLC0415 - the models load pydantic

        write_json(json_schema())
        return
    if bool(files) == resend:
        raise UsageError("Name the files to import (- for standard input), or give --resend, one of the two.")
    with session(context, reading=False) as opened, progress() as tell:
        report = opened.perform("import", {"files": files or [], "type": event_type, "resend": resend}, tell)
    write_table(COUNTS, [[f"{report[name]:,}" for name in COUNTS]], right=COUNTS)
    _end(report["errors"], report["rejected"], failed=2)


def collect(
    context: typer.Context,
    source: Annotated[list[str] | None, typer.Argument(help="Names of sources; default: all.")] = None,
    since: Annotated[str | None, typer.Option(help="Read again what happened since this day.")] = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="Read everything again.")] = False,
) -> None:
    """Collect from the configured sources, or from the git clone this stands in."""
    settings = place(context).settings()
    if Address.read(settings.data) is None:
        sources.needed(settings)  # before a data folder is made for nothing
    with session(context, reading=False) as opened, progress() as tell:
        report = opened.perform("collect", {"sources": source or [], "since": since, "full": full}, tell)
    _write_sources(report["sources"])
    errors = [found["error"] for found in report["sources"] if found["error"]]
    _end(errors, sum(found["rejected"] for found in report["sources"]), failed=FAILED)


def _write_sources(sources: Sequence[Mapping[str, Any]]) -> None:
    head = ("source", *COUNTS, "requests", "seconds", "next cursor")
    rows = [
        (
            found["source"],
            *(f"{found[name]:,}" for name in (*COUNTS, "requests")),
            f"{found['seconds']:.1f}",
            found["next_cursor"],
        )
        for found in sources
    ]
    write_table(head, rows, right=head[1:-1])


def _end(errors: Sequence[str], rejected: int, *, failed: int) -> None:
    for error in errors:
        say(f"tribometer: {error}")
    if rejected:
        say(f"Rejected and kept: {rejected:,}. `tribometer doctor` lists them with their reasons.")
    if errors:
        raise typer.Exit(failed)
    raise typer.Exit(REJECTED if rejected else 0)
