"""What a survey asks: an instrument is a TOML file of items, versioned, for a new wording begins a new series."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from surveys import refusals, scales, whole
from surveys.scales import ENGLISH
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tribometer.store.answer_rows import Value

Text = dict[str, str]
"""A text by language."""
Scale = Literal[
    "agreement", "satisfaction", "frequency", "ease", "hours", "minutes", "percent", "score", "days", "yes_no",
    "choice", "choices", "text",
]  # fmt: skip
Trigger = Literal["deployment", "check", "joined", "request"]
FIVE_POINTS = frozenset(scales.WORDS)
ID = r"^[a-z0-9][a-z0-9_]*$"


class Part(BaseModel):
    """Base of an instrument's parts: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Option(Part):
    """One of the choices of an item, or one row of a grid."""

    id: Annotated[str, Field(pattern=ID)]
    label: Text


class Item(Part):
    """One question.

    With ``rows`` it is a grid: every row is answered on the ``scale`` and stored as ``ID:row``. ``reverse``: agreement
    is bad news. ``comment``: a free text may be added. ``driver``: it counts in the experience index. ``measures`` is
    the construct, ``journey`` the stretch of work that it is about. ``day``: asked only so many days after somebody
    began. ``most``: how many of several choices.
    """

    id: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{1,7}[a-z]?$")]
    measures: str
    scale: Scale
    text: Text
    reverse: bool = False
    comment: bool = False
    driver: bool = False
    journey: Annotated[str, Field(pattern=ID)] | None = None
    day: Annotated[int, Field(ge=1, le=365)] | None = None
    block: str = "main"
    options: tuple[Option, ...] = ()
    rows: tuple[Option, ...] = ()
    most: Annotated[int, Field(ge=1)] = 1
    source: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """Under which names its answers are stored: its own, or one for every row of a grid."""
        return tuple(f"{self.id}:{row.id}" for row in self.rows) or (self.id,)

    def read(self, text: str) -> Value | None:
        """Read one answer as a form or a file has it; None: not answered. `ValueError` says what would be possible."""
        text = text.strip()
        if scales.folded(text) in scales.NOT_ANSWERED:
            return None
        if self.scale in scales.NUMBERS:
            return scales.number(text, self.scale)
        if self.scale == "text":
            return text
        if self.scale == "choices":
            return scales.several(text, self.choices, self.most)
        return scales.choice(text, self.choices)

    @property
    def choices(self) -> Mapping[str, Text]:
        """The choices by their ids; none for a scale without any."""
        if self.scale == "yes_no":
            return {name: dict(labels) for name, labels in scales.YES_NO.items()}
        return {option.id: option.label for option in self.options}


class Instrument(Part):
    """A survey: its items in blocks, in which they may be shuffled.

    ``about``: what to think of when answering ("the last week"). ``languages``: every text is there in each of them.
    ``cohorts`` parts of the population are asked one after the other, ``cohort_days`` apart, each for ``open_days``.
    ``trigger``: asked after an event, not in waves for all. ``attribution``: whose questions these are, where not ours.
    """

    slug: str
    title: Text
    about: Text
    minutes: Annotated[int, Field(ge=1, le=30)]
    languages: tuple[str, ...] = (ENGLISH,)
    cohorts: Annotated[int, Field(ge=1, le=12)] = 1
    cohort_days: Annotated[int, Field(ge=1, le=90)] = 14
    open_days: Annotated[int, Field(ge=1, le=92)] = 10
    trigger: Trigger | None = None
    attribution: str | None = None
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=40)]

    @property
    def name(self) -> str:
        """The slug without its version."""
        return self.slug.rpartition("_v")[0]

    @property
    def version(self) -> int:
        """The version of the wording."""
        return int(self.slug.rpartition("_v")[2])

    def item(self, key: str) -> Item | None:
        """The item under a stored key (``Q22:review``) or an id; None where there is none."""
        return next((each for each in self.items if key == each.id or key in each.keys), None)

    def asked(self, event_class: str | None) -> tuple[Item, ...]:
        """The items of one form: all, or those of a day (``day-30``) after somebody began."""
        return tuple(each for each in self.items if each.day is None or event_class == f"day-{each.day}")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Check what only shows on the whole: one line for every problem, each names its item and what to do."""
        problems = list(whole.problems(self))
        if problems:
            raise ValueError("\n".join(problems))
        return self


def read_instrument(text: str, place: str) -> Instrument:
    """Read an instrument from TOML; `UsageError` has a line for every problem: the place, the item, and what to do."""
    try:
        table = tomllib.loads(text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}"))
    except (ValueError, RecursionError) as error:
        # besides its own error tomllib lets numbers of thousands of digits and endless nesting through
        raise UsageError(f"{place}: this is no TOML: {error}. Correct it there.") from None
    try:
        return Instrument.model_validate(table)
    except ValidationError as error:
        lines = refusals.worded(error, table, {"instrument": Instrument, "item": Item, "option": Option})
        raise UsageError("\n".join(f"{place}: {line}" for line in lines)) from None


@cache
def shipped() -> Mapping[str, Instrument]:
    """The instruments that come with Tribometer, by slug."""
    folder = files("surveys").joinpath("instruments")
    found = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml"):
            found[file.name.removesuffix(".toml")] = read_instrument(file.read_text(encoding="utf-8"), file.name)
    return found


def instruments(folder: Path | None = None) -> dict[str, Instrument]:
    """All instruments by slug: those that are shipped, and those of an organisation's own folder.

    `UsageError` for a file that is none, or that gives a shipped slug other content: a new wording needs a new version.
    """
    found = dict(shipped())
    for path in _files(folder) if folder is not None else ():
        made = read_instrument(_text(path), str(path))
        if made.slug != path.stem:
            raise UsageError(f"{path}: its slug is {made.slug!r}; name the file {made.slug}.toml.")
        if found.setdefault(made.slug, made) != made:
            raise UsageError(f"{path}: {made.slug} is shipped with other wording; give yours a version of its own.")
    return found


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder. Make it, or take `instruments` out of [surveys].")
    return sorted(folder.glob("*.toml"))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: this is no text in UTF-8. Save it as UTF-8.") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}. Let this user read it, or take it away.") from None


def named(name: str, known: Mapping[str, Instrument]) -> Instrument:
    """The instrument of a slug, or of a name without a version the newest; `UsageError` lists what there is."""
    if name in known:
        return known[name]
    versions = sorted((each for each in known.values() if each.name == name), key=lambda each: each.version)
    if not versions:
        raise UsageError(f"There is no instrument {name!r}; there are {', '.join(sorted(known))}.")
    return versions[-1]
