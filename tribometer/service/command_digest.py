"""``tribometer digest``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

from tribometer.service.command import session
from tribometer.service.terminal import progress, write, write_json


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(digest)


def digest(
    context: typer.Context,
    week: Annotated[str | None, typer.Option("--week", help="Like 2026-W10; default: the last whole week.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write the mail's HTML to a file.")] = None,
    *,
    send: Annotated[bool, typer.Option("--send", help="Send it now to whoever has not had it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show the weekly digest: what moved beyond noise, the top three frictions, what is stale; or send it."""
    with session(context, reading=not send) as opened, progress() as tell:
        made = opened.perform("digest", {"week": week, "send": send}, tell)
    if html is not None and not send:
        html.write_text(made["html"], encoding="utf-8")
    if as_json:
        write_json(made)
    elif send:
        for each in made["sent"]:
            write(f"{each['recipient']}: {each['state']}{': ' * bool(each['problem'])}{each['problem']}")
    else:
        write(f"{made['subject']}\n\n{made['text'].rstrip()}")
