"""``tribometer people``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tribometer.service.command import AsJson, performed
from tribometer.service.terminal import say, write, write_json, write_table

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = ("one", "seen in", "other", "seen in", "why")
HANDLE = "Login, as gitlab:dave (GitHub's plain), address, or pseudonym."


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    people = typer.Typer(
        help="Which handles are one person's; people appear as pseudonyms only.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    people.command()(suggestions)
    people.command()(who)
    people.command()(join)
    people.command()(apart)
    app.add_typer(people, name="people")


def suggestions(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List pairs of handles that may be one person's. Nothing is joined by itself."""
    listed = performed(context, "people_suggestions", {}, reading=True)
    if as_json:
        write_json(listed)
        return
    if not listed["suggestions"]:
        say("No two handles look like one person's.")
        return
    write_table(COLUMNS, [_row(each) for each in listed["suggestions"]])
    say("One person: tribometer people join ONE OTHER. Two people: tribometer people apart ONE OTHER.")


def who(
    context: typer.Context, handle: Annotated[str, typer.Argument(help=HANDLE)], *, as_json: AsJson = False
) -> None:
    """Print the pseudonym of a handle, and those it is joined with. The audit log keeps that this was asked."""
    found = performed(context, "people_who", {"handle": handle}, reading=True)
    if as_json:
        write_json(found)
        return
    write(found["pseudonym"])
    for each in found["joined_with"]:
        write(f"joined with {each}")


def join(
    context: typer.Context, handles: Annotated[list[str], typer.Argument(help=HANDLE)], *, as_json: AsJson = False
) -> None:
    """Declare handles to be one person's."""
    joined = performed(context, "people_join", {"handles": handles}, reading=False)
    if as_json:
        write_json(joined)
    else:
        say(f"One person: {', '.join(joined['joined'])}.")


def apart(
    context: typer.Context,
    one: Annotated[str, typer.Argument(help=HANDLE)],
    other: Annotated[str, typer.Argument(help=HANDLE)],
    *,
    as_json: AsJson = False,
) -> None:
    """Keep that two handles are two people's: drop the suggestion, or take back what was joined here."""
    kept = performed(context, "people_apart", {"handles": [one, other]}, reading=False)
    if as_json:
        write_json(kept)
    else:
        say(f"Two people: {' and '.join(kept['apart'])}.")


def _row(suggestion: Mapping[str, Any]) -> tuple[str, ...]:
    sides = [(side["pseudonym"], _seen_in(side["events"])) for side in (suggestion["one"], suggestion["other"])]
    return (*sides[0], *sides[1], suggestion["why"])


def _seen_in(events: Mapping[str, int]) -> str:
    """Word in how many events, of which source most."""
    if not events:
        return "no event"
    most = max(events, key=lambda source: events[source])
    more = f" and {len(events) - 1:,} more" if len(events) > 1 else ""
    return f"{sum(events.values()):,} of {most}{more}"
