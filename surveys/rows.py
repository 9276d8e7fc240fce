"""One row of a survey file: what a respondent said, or why it is no such row."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import TYPE_CHECKING

from surveys import scales
from surveys.header_maps import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from surveys.cells import Cells
    from surveys.header_maps import HeaderMap, Place
    from surveys.headers import Columns, Target
    from surveys.instrument import Instrument
    from tribometer.store.answer_rows import Value

NAME_LIMIT, ANSWER_LIMIT, COMMENT_LIMIT = 400, 1_000, 10_000
"""Characters that a cell may have."""
NOT_PICKED = frozenset({"0", "false", "no", "nein"})
DAY_OF_YEAR = re.compile(r"\d{4}-(\d\d)-(\d\d)(T00:00:00)?")
YEAR_FIRST = re.compile(r"(\d{4})/(\d\d)/(\d\d)(?!\d)")


@dataclass(frozen=True)
class Row:
    """What one respondent said. ``answers`` and ``comments`` hold every column there is, None where it says nothing.

    ``respondent`` is what the file tells them apart by: it is never stored.
    """

    line: int
    respondent: str = field(repr=False)
    team: str
    tenure: str
    submitted_at: datetime | None
    answers: Mapping[str, Value | None] = field(repr=False)
    comments: Mapping[str, str | None] = field(repr=False)


@dataclass(frozen=True)
class BadRow:
    """A row that does not fit. ``reason`` may quote its cells, ``kept`` says the same of the ``columns`` alone."""

    line: int
    reason: str = field(repr=False)
    columns: tuple[str, ...] = ()

    @property
    def kept(self) -> str:
        """The reason without what was answered."""
        return f"a survey row in which {', '.join(self.columns)} cannot be read" if self.columns else self.reason


class RowReader:
    """Reads rows under one header, and counts what is worth telling."""

    def __init__(self, instrument: Instrument, header_map: HeaderMap, columns: Columns) -> None:
        self._instrument = instrument
        self._columns = columns
        self._targets = [(place, target) for place, target in enumerate(columns.targets) if target is not None]
        self._values = {key.strip().casefold(): value for key, value in header_map.values.items()}
        self._silent = scales.NOT_ANSWERED | {scales.folded(each) for each in header_map.not_answered}
        self._anonymous = {"", *(each.casefold() for each in header_map.anonymous)}
        self._same: Counter[str] = Counter()
        self._untimed = 0

    def is_skipped(self, row: Cells) -> bool:
        """Whether the map says to leave a row out."""
        return not row.problem and any(
            fnmatchcase(row.texts[place].strip().casefold(), value.casefold())
            for place, values in self._columns.skip.items()
            for value in values
        )

    def row(self, row: Cells) -> Row | BadRow:
        """One row, or why it is none."""
        if row.problem:
            return BadRow(row.line, row.problem)
        problems: dict[str, str] = {}
        answers: dict[str, Value | None] = {}
        comments: dict[str, str | None] = {}
        picked: dict[str, list[str]] = defaultdict(list)
        for place, target in self._targets:
            try:
                text = self._text(row, place, target)
                if target.role == "comment":
                    comments[target.key] = text or None
                elif target.role == "answer":
                    answers[target.key] = self._answer(target.key, text)
                elif target.role == "choice":
                    picked[target.key] += [target.choice] if text and text.casefold() not in NOT_PICKED else []
            except ValueError as error:
                problems[str(target)] = str(error)
        for key, choices in picked.items():
            try:
                answers[key] = self._answer(key, ";".join(choices)) or answers.get(key)
            except ValueError as error:
                problems[key] = str(error)
        if problems:
            reason = "; ".join(f"{name}: {problem}" for name, problem in problems.items())
            return BadRow(row.line, reason, tuple(problems))
        return self._whole(row, answers, comments)

    def _text(self, row: Cells, place: int, target: Target) -> str:
        """What a cell says, in the words of the instrument; `ValueError` for what cannot be read as a text."""
        if place in row.formulas:
            raise ValueError("a formula: put its value in its place")
        text = row.texts[place].strip()
        limit = {"comment": COMMENT_LIMIT, "answer": ANSWER_LIMIT}.get(target.role, NAME_LIMIT)
        if len(text) > limit:
            raise ValueError(f"{len(text):,} characters; at most {limit:,} are possible")
        said = self._values.get(text.casefold(), text)
        return "" if target.role not in PLACES and scales.folded(said) in self._silent else said

    def _answer(self, key: str, text: str) -> Value | None:
        item = self._instrument.item(key)
        if item is None or not text:
            return None
        if item.scale == "choices" and self._values:
            text = "".join(self._values.get(each.strip().casefold(), each) for each in scales.BETWEEN.split(text))
        return item.read(_band(text) if item.scale in scales.BANDS else text)

    def _whole(self, row: Cells, answers: dict[str, Value | None], comments: dict[str, str | None]) -> Row:
        at = self._said(row, "submitted_at")
        moment = _moment(at)
        self._untimed += bool(at) and moment is None
        names = [each for each in self._all(row, "respondent") if each.casefold() not in self._anonymous]
        respondent = names[0] if names else self._content(row)
        return Row(row.line, respondent, self._said(row, "team"), self._said(row, "tenure"), moment, answers, comments)

    def _all(self, row: Cells, role: Place) -> list[str]:
        """What the columns of a role say, the best first."""
        found = sorted((target.rank, place) for place, target in self._targets if target.role == role)
        return [row.texts[place].strip() for _, place in found]

    def _said(self, row: Cells, role: Place) -> str:
        said = next(iter(self._all(row, role)), "")
        mapped = self._values.get(said.casefold(), said)
        return "" if scales.folded(mapped) in scales.NOT_ANSWERED else mapped

    def _content(self, row: Cells) -> str:
        """What stands for a respondent whom nothing tells apart; equal rows are told apart by their order."""
        said = "\x1f".join(f"{target}={row.texts[place].strip()}" for place, target in self._targets)
        digest = sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
        self._same[digest] += 1
        return f"content {digest} {self._same[digest]}"

    def notes(self, skipped: int) -> Iterable[str]:
        """What is worth telling of the rows read."""
        if self._columns.missing:
            yield f"The header map names columns that the file does not have: {', '.join(self._columns.missing)}."
        if not self._columns.has("team"):
            yield "There is no column `team`: results will be of everybody only."
        if skipped:
            yield f"Rows left out as the header map says: {skipped:,}."
        if self._same:
            count = sum(self._same.values())
            yield (
                f"Rows that name no respondent: {count:,}. Their content tells them apart, so one that is changed and "
                "imported again counts as another respondent. A column `respondent` helps, with any key."
            )
        if self._untimed:
            yield f"Rows whose time is not like 2026-01-31T12:00:00Z: {self._untimed:,}. Their order counts."


def _band(text: str) -> str:
    """A band that a spreadsheet took for a date: of 3-5 it makes the third of May, or the fifth of March."""
    found = DAY_OF_YEAR.fullmatch(text)
    return "-".join(map(str, sorted((int(found[1]), int(found[2]))))) if found else text


def _moment(text: str) -> datetime | None:
    """A time, taken for UTC where it has no offset; None where it is not year first: day and month are not guessed."""
    try:
        found = datetime.fromisoformat(YEAR_FIRST.sub(r"\1-\2-\3", text))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
