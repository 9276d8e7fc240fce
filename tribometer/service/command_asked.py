"""The options by which a command asks for a number: stated once, for every command that takes them."""

from __future__ import annotations

import inspect
from functools import wraps
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tribometer.service.asked import Asked, spelled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

OPTIONS: Mapping[str, Any] = {
    "service": Annotated[str | None, typer.Option("--service", help="One service; default: all.")],
    "team": Annotated[str | None, typer.Option("--team", help="The services of one team.")],
    "start": Annotated[str | None, typer.Option("--from", help="First day (UTC), or a time with offset.")],
    "end": Annotated[str | None, typer.Option("--to", help="Day after the last, or a time with offset.")],
    "by": Annotated[
        str | None, typer.Option("--by", help="Series by week, month, quarter, year, service, team or template.")
    ],
    "clock": Annotated[str | None, typer.Option("--clock", help="calendar or business")],
    "unit": Annotated[str | None, typer.Option("--unit", help="change or commit")],
    "blame": Annotated[str | None, typer.Option("--blame", help="first or last")],
    "bots": Annotated[str | None, typer.Option("--bots", help="include or exclude")],
    "owners": Annotated[
        str | None, typer.Option("--owners", help="Whose a service's past is: then (who owned it) or now.")
    ],
    "version": Annotated[str | None, typer.Option("--definition", help="An earlier version of the definition.")],
    "compare": Annotated[
        str | None, typer.Option("--compare", help="With previous (the window before), service:NAME or team:NAME.")
    ],
}
"""What a command line says for each key of `Asked`."""


def asking(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `Asked`; it gets them as its argument ``options``."""

    @wraps(command)
    def asked(**given: Any) -> None:  # noqa: ANN401 - what typer read, each of its own type
        options = Asked(**{key: given.pop(key) for key in OPTIONS})  # type: ignore[typeddict-item]
        command(**given, options=options)

    own = inspect.signature(command, eval_str=True)
    kept = [each.replace(kind=Parameter.KEYWORD_ONLY) for name, each in own.parameters.items() if name != "options"]
    added = [Parameter(key, Parameter.KEYWORD_ONLY, default=None, annotation=option) for key, option in OPTIONS.items()]
    signature = own.replace(parameters=sorted([*kept, *added], key=_flags_last))
    asked.__signature__ = signature  # type: ignore[attr-defined]  # what typer reads
    return asked


def _flags_last(parameter: Parameter) -> bool:
    """Help lists what narrows the question before how the answer is printed."""
    return isinstance(parameter.default, bool)


def given(options: Asked) -> list[str]:
    """Return the options that were given, as they were written."""
    return [f"--{spelled(key)}" for key, value in options.items() if value is not None]
