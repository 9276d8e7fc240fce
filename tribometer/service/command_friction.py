"""``tribometer friction``: the friction board."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tribometer.service.command import session
from tribometer.service.friction_planning import ROADMAPS
from tribometer.service.terminal import progress, write, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(friction)


def friction(  # noqa: PLR0913, PLR0917 - one argument for each option
    context: typer.Context,
    service: Annotated[str | None, typer.Option("--service", help="One service; default: all.")] = None,
    team: Annotated[str | None, typer.Option("--team", help="The services of one team.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="First day (UTC), or a time with offset.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Day after the last, or a time with offset.")] = None,
    bots: Annotated[str | None, typer.Option("--bots", help="include or exclude")] = None,
    owners: Annotated[
        str | None, typer.Option("--owners", help="Whose a service's past is: then (who owned it) or now.")
    ] = None,
    reduce: Annotated[
        list[str] | None, typer.Option("--reduce", help="What if: KIND=30%, or KIND@team:NAME=30%; repeatable.")
    ] = None,
    fix: Annotated[
        list[str] | None,
        typer.Option("--fix", help="What if a pipeline had no flaky re-runs (PIPELINE), or PIPELINE=KIND as others."),
    ] = None,
    move: Annotated[
        list[str] | None,
        typer.Option("--move", help="What if services came from a template: TEMPLATE=SERVICE,SERVICE."),
    ] = None,
    roadmap: Annotated[
        str | None, typer.Option("--roadmap", help=f"Print the ranked list instead: {', '.join(ROADMAPS)}.")
    ] = None,
    *,
    worth: Annotated[bool, typer.Option("--worth", help="Compare with what a platform team costs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show the friction board: hours that people lose by waiting, by kind, with how sure their order is."""
    asked = {
        "service": service,
        "team": team,
        "start": start,
        "end": end,
        "bots": bots,
        "owners": owners,
        "reduce": reduce,
        "fix": fix,
        "move": move,
        "roadmap": roadmap,
        "worth": worth,
    }
    with session(context, reading=True) as opened, progress() as tell:
        board = opened.perform("friction", asked, tell)
    if as_json:
        write_json(board)
    elif roadmap is not None:
        write(roadmap_text(board["roadmap"]))
    else:
        from tribometer.service.friction_text import write_answers, write_board  # noqa: PLC0415 - JSON needs none of it

        if reduce or fix or move or worth:
            write_answers(board)
        else:
            write_board(board)


def roadmap_text(told: Mapping[str, Any]) -> str:
    """The exported list as one text; issues one after the other, each behind its title."""
    if "text" in told:
        return str(told["text"]).rstrip("\n")
    return "\n\n".join(f"# {each['title']}\n\n{each['body'].rstrip()}" for each in told["issues"])
