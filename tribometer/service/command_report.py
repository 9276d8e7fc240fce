"""``tribometer report``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

from tribometer.errors import UsageError
from tribometer.service.command import AsJson, session
from tribometer.service.terminal import progress, say, write_json


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(report)


def report(  # noqa: PLR0913, PLR0917 - one argument for each option
    context: typer.Context,
    month: Annotated[str | None, typer.Option("--month", help="Like 2026-10; default: the last whole month.")] = None,
    team: Annotated[str | None, typer.Option("--team", help="The services of one team.")] = None,
    service: Annotated[str | None, typer.Option("--service", help="One service; default: all.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write the page to a file.")] = None,
    pdf: Annotated[
        Path | None, typer.Option("--pdf", help="Print the page to a file, by the Chromium of this machine.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the report of a month, for leaders: the five keys, where changes wait, what costs most, and what helped."""
    from tribometer.service.report import chromium  # noqa: PLC0415 - not for --help

    if pdf is not None and chromium.program() is None:
        raise chromium.NoChromium
    asked = {"month": month, "team": team, "service": service, "page": bool(html or pdf)}
    with session(context, reading=True) as opened, progress() as tell:
        made = opened.perform("report", asked, tell)
    page = made.pop("page", "")
    if html is not None:
        _written(html, page.encode())
    if pdf is not None:
        _written(pdf, chromium.printed(page))
    if as_json:
        write_json(made)
    elif not page:
        from tribometer.service.report.text import write_report  # noqa: PLC0415 - JSON needs none of it

        write_report(made["words"])


def _written(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from error
    say(f"{file}: {len(content):,} bytes")
