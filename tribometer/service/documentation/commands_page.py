"""``docs/commands.md``: every command with its arguments, options, defaults, and how a command ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from tribometer import errors
from tribometer.errors import TribometerError
from tribometer.service import cli
from tribometer.service.documentation.markdown import blocks, document, fenced, said, table

if TYPE_CHECKING:
    from collections.abc import Iterator

INTRO = """`tribometer [OPTIONS] COMMAND`, and `--help` behind any command. Results go to standard output, words to
standard error. While `tribometer up` runs, the other commands go through it."""
MEANINGS = {
    0: "Done; a metric without data is an answer too. `doctor`: nothing to do, or only what it calls `note` or "
    "`waiting`, which mends itself.",
    1: "It could not be done, and the message says what to do next. `collect`: a source, a part of one or a table of "
    "`[[sources]]` failed, or a server's quota is spent; the others were collected. `doctor`: something is `broken` or "
    "`unreachable`.",
    2: "Wrong usage or settings: arguments that make no sense together, a settings file that cannot be read, a wrong "
    "key in it, or no table of `[[sources]]` that is right. Nothing was done.",
    3: "Done, but some events were rejected. They are kept with their reasons: `import` and `collect` say how many, "
    "and `doctor` lists them.",
    4: "The store is in use by another process that does not answer.",
    cli.INTERRUPTED: "Ended by Ctrl-C. What has landed is kept.",
}


def page() -> str:
    """Make the page."""
    sections = list(commands(cli.app))
    return document("Commands", INTRO, [*sections, ("Exit codes", _exit_codes())])


def commands(app: typer.Typer, name: str = "tribometer") -> Iterator[tuple[str, str]]:
    """Yield (what is typed, what it does) for each command; `Undocumented` names one, or an option, without words."""
    root = typer.main.get_command(app)
    context = typer.Context(root, info_name=name)
    yield "Options of every command", blocks(_parameters(root, context))
    yield from _below(root, context, name)


def _below(group: Any, context: typer.Context, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - see commands
    for name, command in group.commands.items():
        inner = typer.Context(command, info_name=name, parent=context)
        typed = f"{path} {name}"
        if isinstance(command, TyperGroup):
            yield from _below(command, inner, typed)
        else:
            words = said(command.help, f"the command `{typed}`")
            usage = fenced(" ".join(command.get_usage(inner).removeprefix("Usage: ").split()))
            yield typed, blocks(words, usage, _parameters(command, inner))


def _parameters(command: Any, context: typer.Context) -> str:  # noqa: ANN401 - typer keeps its command type to itself
    rows = []
    for parameter in command.params:
        said(parameter.help, f"`{parameter.name}` of `{context.command_path}`", "a help text")
        names, words = parameter.get_help_record(context)
        rows.append((f"`{names}`", words.replace("  [", " [")))
    return table(("argument or option", "meaning"), rows)


def _exit_codes() -> str:
    """Every code with what it means; `Undocumented` for one of an error of the tree that no words tell of."""
    for error in vars(errors).values():
        if isinstance(error, type) and issubclass(error, TribometerError):
            said(MEANINGS.get(error.exit_code), f"the exit code {error.exit_code}", "a meaning")
    return table(("code", "meaning"), ((str(code), words) for code, words in sorted(MEANINGS.items())))
