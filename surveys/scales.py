"""The scales of survey items: what can be answered, how it is stored, and what counts as favourable."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tribometer.store.answer_rows import Value

ENGLISH = "en"
NOT_ANSWERED = frozenset({
    "", "-", "n/a", "na", "n.a.", "#n/a", "not applicable", "nicht zutreffend", "entfällt", "k.a.", "k. a.",
    "keine angabe", "not applicable/rather not say", "trifft nicht zu/keine angabe",
})  # fmt: skip
"""What says that an item was not answered, as `folded` writes it."""
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
NUMBERS = frozenset({*WORDS, *BANDS, *RANGES})
"""The scales whose answers are numbers."""
YES_NO: Mapping[str, Mapping[str, str]] = {
    "yes": {"en": "Yes", "de": "Ja"},
    "no": {"en": "No", "de": "Nein"},
    "unsure": {"en": "Not sure", "de": "Unsicher"},
}
DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-") | {"\u2019": "'"})
UNIT = re.compile(r"(?:h|hrs?|hours?|std\.?|stunden?|min\.?|mins|minutes?|minuten?)$")
LESS, MORE = re.compile(r"^(?:less than|weniger als|unter|under)"), re.compile(r"^(?:more than|mehr als|über|over)")
NUMBER = re.compile(r"\+?(\d{1,9})(?:[.,](\d{1,9}))?", re.ASCII)
BETWEEN = re.compile(r"([;,|\n])")
MOST_SHOWN = 60


def folded(text: str) -> str:
    """A text as it is compared: without case, width, invisible marks, and kinds of dash, space and apostrophe."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(DASHES)
    seen = "".join(each for each in plain if unicodedata.category(each) != "Cf")
    return re.sub(r" ?/ ?", "/", " ".join(seen.split()))


def words(scale: str, language: str) -> tuple[str, ...]:
    """What the five points are called in a language; in English where nobody has translated them."""
    names = WORDS[scale]
    return names.get(language, names[ENGLISH])


def flipped(value: float) -> float:
    """A point of five, of an item that is worded the other way."""
    return POINTS + 1 - value


def number(text: str, scale: str) -> float:
    """Read an answer on a scale of numbers; raises `ValueError` that says what is possible."""
    if scale in WORDS:
        return point(text, scale)
    if scale in BANDS:
        return band(text, BANDS[scale])
    return ranged(text, *RANGES[scale], whole=scale == "score")


def point(text: str, scale: str) -> float:
    """Read one of five points: its number or one of its names; raises `ValueError` that says what is possible."""
    plain = folded(text)
    value = _number(plain)
    if value is not None and value in range(1, POINTS + 1):
        return value
    for names in WORDS[scale].values():
        for place, name in enumerate(names, start=1):
            if plain == folded(name):
                return float(place)
    raise _refused(text, f"give 1 to 5, or one of {', '.join(WORDS[scale][ENGLISH])}")


def band(text: str, bands: tuple[Band, ...]) -> float:
    """Read a band by its label, however its dash and unit are written; raises `ValueError` that lists them."""
    plain = UNIT.sub("", folded(text)).strip()
    plain = MORE.sub(">", LESS.sub("<", plain)).replace(" to ", "-").replace(" bis ", "-").replace(" ", "")
    if plain.endswith("+"):
        plain = f">{plain[:-1]}"
    for each in bands:
        if plain == each.label:
            return each.middle
    raise _refused(text, f"give one of {', '.join(each.label for each in bands)}")


def ranged(text: str, low: int, high: int, *, whole: bool = False) -> float:
    """Read a number within bounds, with a point or a comma; raises `ValueError` that names them."""
    value = _number(folded(text).removesuffix("%").strip())
    if value is None or not low <= value <= high or (whole and not value.is_integer()):
        raise _refused(text, f"give a {'whole ' if whole else ''}number from {low} to {high}")
    return value


def choice(text: str, choices: Mapping[str, Mapping[str, str]]) -> str:
    """Read one of several choices by its id or a label in any language; raises `ValueError` that lists them."""
    found = _by_name(choices).get(folded(text))
    if found is None:
        raise _refused(text, f"give one of {'; '.join(label.get(ENGLISH, key) for key, label in choices.items())}")
    return found


def several(text: str, choices: Mapping[str, Mapping[str, str]], most: int) -> tuple[str, ...] | None:
    """Read up to ``most`` choices between ``;``, ``,``, ``|`` or line breaks; None: none picked. `ValueError` as above.

    A label may hold such a sign itself: of all that could be meant the longest is taken.
    """
    names, parts = _by_name(choices), BETWEEN.split(text)
    longest = max((len(BETWEEN.findall(name)) for name in names), default=0) + 1
    picked: list[str] = []
    place = 0
    while place < len(parts):
        last = _longest(parts, place, longest, names)
        joined = "".join(parts[place:last])
        if joined.strip():
            picked.append(choice(joined, choices))
        place = last + 1
    unique = tuple(dict.fromkeys(picked))
    if len(unique) > most:
        raise ValueError(f"{len(unique)} choices where at most {most} are possible")
    return unique or None


def is_favourable(value: Value, *, reverse: bool) -> bool:
    """Whether a point of five is one of the two best, after a flip where the item is worded the other way."""
    number = float(value) if not isinstance(value, str | tuple) else 0.0
    return (flipped(number) if reverse else number) >= FAVOURABLE


def _number(plain: str) -> float | None:
    found = NUMBER.fullmatch(plain)
    return float(f"{found[1]}.{found[2] or 0}") if found else None


def _by_name(choices: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {folded(name): key for key, labels in choices.items() for name in (key, *labels.values())}


def _longest(parts: list[str], place: int, longest: int, names: Mapping[str, str]) -> int:
    """Where the longest choice that begins at a place ends; after one part where none does."""
    for many in range(longest, 1, -1):
        last = place + 2 * many - 1
        if last <= len(parts) and folded("".join(parts[place:last])) in names:
            return last
    return place + 1


def _refused(text: str, fix: str) -> ValueError:
    shown = text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
    return ValueError(f"{shown!r} is no answer here: {fix}")
