"""People who answer the quarterly survey at random, what they sent, and what follows from it counted by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from random import Random

from surveys.instrument import Instrument, Item
from tribometer.store.answer_rows import BETWEEN_CHOICES
from tribometer.store.answers import ClosedWave

Sheet = Mapping[str, Sequence[str]]
"""What somebody sends: the texts under each field's name."""
Record = tuple[str, frozenset[tuple[str, float | frozenset[str]]]]
"""A team and all that one of its members answered."""
POINTS = ("1", "2", "3", "4", "5")
HOURS = {"0": 0.0, "<1": 0.5, "1-2": 1.5, "3-5": 4.0, "6-10": 8.0, ">10": 12.0}
RECOMMENDS = tuple(str(number) for number in range(11))
NOTHING = "n/a"
NOTE = "note:Q25"
FIVE = frozenset({"agreement", "satisfaction"})
BANDS = ((5, "5-9"), (10, "10-19"), (20, "20-49"), (50, "50-99"), (100, "100-199"), (200, "200-499"))


@dataclass(frozen=True)
class Person:
    """Somebody of the address book; ``slack`` is empty for those who are reached by e-mail."""

    number: int
    team: str
    address: str
    slack: str = ""

    @property
    def reached_at(self) -> str:
        """Where a message goes: a member id of Slack, or an address."""
        return self.slack or self.address


def drawn(random: Random, instrument: Instrument, person: Person, *, mood: float, skips: float) -> Sheet:
    """Draw somebody's answers; ``mood`` is the share of good ones, ``skips`` that of questions left out."""
    sheet: dict[str, list[str]] = {}
    for item in instrument.items:
        for key in item.keys:
            if random.random() >= skips:
                sheet[key] = _picked(random, item, mood)
            elif item.scale not in {"percent", "choices"} and random.random() < 0.5:
                sheet[key] = [NOTHING]
    if random.random() < 0.3:
        sheet[NOTE] = [f"Remark {person.number}: fewer meetings, please"]
    return sheet


def _picked(random: Random, item: Item, mood: float) -> list[str]:
    if item.scale in FIVE:
        good = random.random() < mood
        high = good != item.reverse
        return [random.choice(POINTS[3:] if high else POINTS[:3])]
    if item.scale == "hours":
        return [random.choice(list(HOURS))]
    if item.scale == "percent":
        return [str(random.randrange(101))]
    if item.scale == "choices":
        return random.sample(list(item.choices), random.randint(1, item.most))
    return [random.choice(RECOMMENDS)]


def records(sheets: Mapping[Person, Sheet], instrument: Instrument) -> Counter[Record]:
    """What the store should hold of all of them, without saying of whom."""
    return Counter((person.team, frozenset(_read(sheet, instrument))) for person, sheet in sheets.items())


def _read(sheet: Sheet, instrument: Instrument) -> Iterator[tuple[str, float | frozenset[str]]]:
    for item in instrument.items:
        for key in item.keys:
            told = [text for text in sheet.get(key, ()) if text != NOTHING]
            if told and item.scale == "choices":
                yield key, frozenset(told)
            elif told:
                yield key, HOURS[told[0]] if item.scale == "hours" else float(told[0])


def stored(wave: ClosedWave) -> Counter[Record]:
    """What the store does hold."""
    of: dict[str, set[tuple[str, float | frozenset[str]]]] = {}
    for row in wave.answers.to_pylist():
        choices = frozenset((row["choice"] or "").split(BETWEEN_CHOICES)[1:])
        of.setdefault(row["respondent"], set()).add((row["item"], choices or row["number"]))
    people = wave.respondents.to_pylist()
    return Counter((each["team"], frozenset(of.get(each["respondent"], ()))) for each in people)


@dataclass(frozen=True)
class Group:
    """The sheets of some people."""

    sheets: Sequence[Sheet]

    def favourable(self, item: Item, key: str) -> tuple[Fraction, int]:
        """Which share gave one of the two best answers, and of how many."""
        told = [sheet[key][0] for sheet in self.sheets if key in sheet and sheet[key][0] != NOTHING]
        best = {"1", "2"} if item.reverse else {"4", "5"}
        return Fraction(sum(text in best for text in told), len(told)), len(told)

    def picked(self, key: str, choice: str) -> tuple[Fraction, int]:
        """Which share picked a choice, and of how many."""
        told = [sheet[key] for sheet in self.sheets if key in sheet]
        return Fraction(sum(choice in texts for texts in told), len(told)), len(told)


def nearest(share: Fraction) -> set[float]:
    """The steps of five points nearest to a share, between 5 and 95; two of them where it lies in the middle."""
    below = floor(share * 20)
    past = share * 20 - below
    steps = {below} if past < Fraction(1, 2) else {below + 1} if past > Fraction(1, 2) else {below, below + 1}
    return {min(max(step, 1), 19) * 5 / 100 for step in steps}


def band(people: int) -> str:
    """A count of people as it is told."""
    return next(name for least, name in reversed(BANDS) if people >= least)
