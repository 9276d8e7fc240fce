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
DONE = "Done; a metric without data is an answer too."
FAILED = "It could not be done, or `doctor` found something; the message says what to do next."


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
    """Every code with what it means, from the errors of the tree that carry them; which others are loaded is chance."""
    found = {0: DONE, TribometerError.exit_code: FAILED, cli.INTERRUPTED: "Ended by Ctrl-C."}
    for error in vars(errors).values():
        if isinstance(error, type) and issubclass(error, TribometerError) and error.exit_code not in found:
            found[error.exit_code] = said(error.__doc__, error.__name__).split("\n")[0]
    return table(("code", "meaning"), ((str(code), words) for code, words in sorted(found.items())))
