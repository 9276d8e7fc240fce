"""What the columns of a survey tool's export mean: header maps, of one's own or by the name of a tool.

The maps of the tools (`surveys/maps`) know the columns that a tool adds by itself. Questions need no map where the form
was made from the instrument's texts, in any of its languages: those are recognised, and so are the rows of grids as
``Question [row]`` (Google Forms), ``Question.row`` (Microsoft Forms), ``Question - row`` (Qualtrics, Formbricks).

Where the columns are known from: Formbricks, its source; Microsoft Forms, Typeform and Qualtrics, exports that people
have published; Google Forms, common knowledge. Not known for sure: how Typeform names the columns of a matrix, taken to
be ``Question - row``, and what Microsoft Forms calls the statements of a Likert question in each of its versions: their
own texts, taken where only one grid has such a row, or behind the question's. Tools translate their columns; English
and German ones are known.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

IGNORE = "ignore"
Place = Literal["respondent", "team", "tenure", "submitted_at"]
PLACES: tuple[Place, ...] = ("respondent", "team", "tenure", "submitted_at")
"""The columns of the contract beside the items."""


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_several)]


class HeaderMap(BaseModel):
    """A header map: TOML.

    ``columns`` gives headers an item (``PU01``, ``Q22:review``, ``PU10_comment``), ``team`` and so on, or ``ignore``.
    ``values`` replaces what stands in cells. ``respondent`` are columns that tell two people apart, the best first, and
    ``anonymous`` what stands there for nobody. ``leave`` are columns to be left alone, and ``skip`` rows, by what
    stands in a column; both may hold ``*``. ``labels_alone``: the row of a grid, or one of several choices, may be a
    column without the question before it. ``like``: another map, to which this one adds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    like: str | None = None
    columns: dict[str, str] = {}
    values: dict[str, str] = {}
    respondent: Names = ()
    team: Names = ()
    tenure: Names = ()
    submitted_at: Names = ()
    not_answered: Names = ()
    anonymous: Names = ()
    leave: Names = ()
    skip: dict[str, Names] = {}
    skip_rows: Annotated[int, Field(ge=0, le=100)] = 0
    sheet: str | None = None
    labels_alone: bool = False


PLAIN = HeaderMap()
"""Of a file that has the contract's columns, or questions in the instrument's words."""


@cache
def presets() -> Mapping[str, HeaderMap]:
    """The maps of the tools by their names."""
    folder = files("surveys").joinpath("maps")
    found = sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name)
    return {
        each.name.removesuffix(".toml"): _valid(_parsed(each.read_text("utf-8"), each.name), each.name)
        for each in found
    }


def preset(name: str) -> HeaderMap:
    """The map of a tool; `UsageError` lists them."""
    if name not in presets():
        raise UsageError(
            f"There is no header map {name!r}; there are {', '.join(presets())}, or give a file of your own."
        )
    return presets()[name]


def read_map(text: str, place: str) -> HeaderMap:
    """Read a map from TOML, with what it is ``like`` under it; `UsageError` names the place and the key."""
    own = _parsed(text, place)
    made = _valid(own, place)
    if made.like is None:
        return made
    return _valid(_joined(preset(made.like).model_dump(exclude_unset=True), own), place)


def _joined(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Tables grow, columns to leave are added, everything else is replaced."""
    found = {**base, **own}
    for key in own.keys() & base.keys():
        if isinstance(base[key], dict):
            found[key] = {**base[key], **own[key]}
        elif key == "leave":
            found[key] = (*base[key], *HeaderMap(leave=own[key]).leave)
    return found


def _parsed(text: str, place: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{place}: this is no TOML: {error}.") from None


def _valid(data: Mapping[str, Any], place: str) -> HeaderMap:
    try:
        return HeaderMap.model_validate(data)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise UsageError(f"{place}: {'; '.join(lines)}. Known are {', '.join(HeaderMap.model_fields)}.") from None
