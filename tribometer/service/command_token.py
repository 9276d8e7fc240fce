"""``tribometer token``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tribometer.service.command import AsJson, performed
from tribometer.service.terminal import say, write, write_json, write_table

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_DAYS = 3650
COLUMNS = ("name", "scopes", "status", "created", "expires", "last used")


class Scope(StrEnum):
    """What a token allows; one does not bring the other."""

    READ = "read"
    WRITE = "write"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    tokens = typer.Typer(
        help="API tokens, for whoever asks from another machine.", no_args_is_help=True, rich_markup_mode=None
    )
    tokens.command()(add)
    tokens.command("list")(list_all)
    tokens.command()(revoke)
    app.add_typer(tokens, name="token")


def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="For whom or what it is.")],
    scope: Annotated[list[Scope] | None, typer.Option(help="read numbers, or write events; may be repeated.")] = None,
    expires: Annotated[int | None, typer.Option(min=1, max=MOST_DAYS, metavar="DAYS", help="Default: never.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a token and show it, this once."""
    scopes = [each.value for each in scope or (Scope.READ,)]
    made = performed(context, "token_add", {"name": name, "scopes": scopes, "expires": expires}, reading=False)
    if as_json:
        write_json(made)
        return
    write(made["token"])
    say(f"This is the only time it is shown. Whoever has it may {' and '.join(made['scopes'])}.")
    say("Send it as the header: Authorization: Bearer TOKEN")


def list_all(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List all tokens, revoked and expired ones too."""
    listed = performed(context, "token_list", {}, reading=True)
    if as_json:
        write_json(listed)
        return
    write_table(COLUMNS, [_row(token) for token in listed["tokens"]])


def revoke(
    context: typer.Context, name: Annotated[str, typer.Argument(help="Its name.")], *, as_json: AsJson = False
) -> None:
    """End a token now."""
    revoked = performed(context, "token_revoke", {"name": name}, reading=True)
    if as_json:
        write_json(revoked)
    else:
        say(f"{revoked['name']} is revoked.")


def _row(token: Mapping[str, Any]) -> tuple[str, ...]:
    times = (token["created_at"], token["expires_at"], token["last_used_at"])
    return (token["name"], ", ".join(token["scopes"]), token["status"], *(at[:16] if at else "never" for at in times))
