"""``tribometer export``, ``backup`` and ``restore``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotation
from typing import TYPE_CHECKING, Annotated

import typer

from tribometer.service.command import session
from tribometer.service.terminal import progress, write, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(export)
    app.command()(backup)
    app.command()(restore)


def export(
    context: typer.Context,
    to: Annotated[Path, typer.Option(help="Folder to write to: new, empty, or that of an earlier export.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as one JSON document.")] = False,
) -> None:
    """Write all tables as Parquet, one folder per table and one file per month; again: only what has changed."""
    with session(context, reading=True) as opened, progress() as tell:
        report = opened.perform("export", {"to": str(to.expanduser().absolute())}, tell)
    if as_json:
        write_json(report)
    else:
        write(_in_words(report))


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="File to write; it must not exist yet.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as one JSON document.")] = False,
) -> None:
    """Keep everything that cannot be collected again in one file; the service may go on meanwhile."""
    with session(context, reading=False) as opened, progress() as tell:
        report = opened.perform("backup", {"file": str(file.expanduser().absolute())}, tell)
    if as_json:
        write_json(report)
    else:
        write(
            f"{report['file']}: {report['bytes']:,} bytes. It holds the key of the pseudonyms: keep it like a secret."
        )


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that `tribometer backup` wrote.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was restored as one JSON document.")] = False,
) -> None:
    """Put what a backup holds in place of everything here; what was here is kept in a backup of its own."""
    with session(context, reading=False) as opened, progress() as tell:
        report = opened.perform("restore", {"file": str(file.expanduser().absolute())}, tell)
    if as_json:
        write_json(report)
    else:
        write(f"Restored what was kept at {report['made_at']}. What was here before is in {report['before']}.")


def _in_words(report: Mapping[str, int | float | str]) -> str:
    files = f"{report['written']:,} files written, {report['unchanged']:,} unchanged, {report['removed']:,} removed"
    whole = f"{report['rows']:,} rows of {report['tables']} tables in {report['seconds']:.1f} s"
    return f"{report['folder']}: {files}; {whole}"
