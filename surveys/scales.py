"""The scales of survey items: what can be answered, how it is stored, and what counts as favourable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tribometer.store.answers import Value

NOT_ANSWERED = frozenset({"", "n/a", "na", "not applicable", "nicht zutreffend", "-"})
FAVOURABLE = 4
"""Of a scale of five points the two highest are favourable; items that are worded the other way are flipped first."""
POINTS = 5


@dataclass(frozen=True)
class Band:
    """A band of a quantity: what is read and written, and the middle that stands for it."""

    label: str
    middle: float


HOURS = (
    Band("0", 0.0), Band("<1", 0.5), Band("1-2", 1.5), Band("3-5", 4.0), Band("6-10", 8.0), Band(">10", 12.0),
)  # fmt: skip
MINUTES = (
    Band("0", 0.0),
    Band("<5", 2.5),
    Band("5-15", 10.0),
    Band("16-30", 23.0),
    Band("31-60", 45.0),
    Band(">60", 90.0),
)
BANDS: Mapping[str, tuple[Band, ...]] = {"hours": HOURS, "minutes": MINUTES}
WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "agreement": {
        "en": ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"),
        "de": ("Stimme gar nicht zu", "Stimme eher nicht zu", "Teils, teils", "Stimme eher zu", "Stimme voll zu"),
    },
    "satisfaction": {
        "en": ("Very dissatisfied", "Dissatisfied", "Neither", "Satisfied", "Very satisfied"),
        "de": ("Sehr unzufrieden", "Unzufrieden", "Weder noch", "Zufrieden", "Sehr zufrieden"),
    },
    "frequency": {
        "en": ("Never", "Rarely", "Sometimes", "Often", "Always"),
        "de": ("Nie", "Selten", "Manchmal", "Oft", "Immer"),
    },
    "ease": {
        "en": ("Very hard", "Hard", "Neither", "Easy", "Very easy"),
        "de": ("Sehr schwer", "Schwer", "Weder noch", "Leicht", "Sehr leicht"),
    },
}
"""What the five points of a scale are called, from 1 to 5."""
RANGES: Mapping[str, tuple[int, int]] = {"percent": (0, 100), "score": (0, 10), "days": (0, 5)}
YES_NO: Mapping[str, Mapping[str, str]] = {
    "yes": {"en": "Yes", "de": "Ja"},
    "no": {"en": "No", "de": "Nein"},
    "unsure": {"en": "Not sure", "de": "Unsicher"},
}


def flipped(value: float) -> float:
    """A point of five, of an item that is worded the other way."""
    return POINTS + 1 - value


def number(text: str, scale: str) -> float:
    """Read an answer on a scale of numbers; raises `ValueError` that says what is possible."""
    if scale in WORDS:
        return point(text, scale)
    return band(text, BANDS[scale]) if scale in BANDS else ranged(text, *RANGES[scale])


def point(text: str, scale: str) -> float:
    """Read one of five points: its number or one of its names; raises `ValueError` that says what is possible."""
    folded = text.casefold()
    if folded in {"1", "2", "3", "4", "5", "1.0", "2.0", "3.0", "4.0", "5.0"}:
        return float(folded)
    for names in WORDS[scale].values():
        for place, name in enumerate(names, start=1):
            if folded == name.casefold():
                return float(place)
    raise ValueError(f"{text!r} is no answer here: give 1 to 5, or one of {', '.join(WORDS[scale]['en'])}")


def band(text: str, bands: tuple[Band, ...]) -> float:
    """Read a band by its label, however its dash is written; raises `ValueError` that lists them."""
    plain = text.replace("\N{EN DASH}", "-").replace(" ", "")
    for each in bands:
        if plain == each.label:
            return each.middle
    raise ValueError(f"{text!r} is no answer here: give one of {', '.join(each.label for each in bands)}")


def ranged(text: str, low: int, high: int) -> float:
    """Read a number within bounds; raises `ValueError` that names them."""
    try:
        value = float(text.removesuffix("%").strip())
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise ValueError(f"{text!r} is no answer here: give a number from {low} to {high}")
    return value


def is_favourable(value: Value, *, reverse: bool) -> bool:
    """Whether a point of five is one of the two best, after a flip where the item is worded the other way."""
    number = float(value) if not isinstance(value, str | tuple) else 0.0
    return (flipped(number) if reverse else number) >= FAVOURABLE
