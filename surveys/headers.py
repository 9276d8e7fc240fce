"""Which column of a file holds what: by item ids, by question texts in any language, or as a header map says."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from surveys.header_maps import IGNORE, PLACES, Place
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from surveys.header_maps import HeaderMap
    from surveys.instrument import Instrument, Item, Option

Role = Literal["answer", "comment", "choice"] | Place
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
WORD = re.compile(r"[^\W_]+")
NUMBER = re.compile(r"\s*Q?\d+\s*[.):]\s+", re.IGNORECASE)
COMMENT = "comment"
LONGEST = 4_000


@dataclass(frozen=True)
class Target:
    """What a column holds: an answer under a stored key, a comment or one of several choices of an item, or a role.

    ``rank``: of several columns that tell respondents apart the lowest counts that has a value.
    """

    role: Role
    key: str = ""
    choice: str = ""
    rank: int = 0

    def __str__(self) -> str:
        """What the contract calls it."""
        if self.role in PLACES:
            return self.role
        return {"comment": f"{self.key}_comment", "choice": f"{self.key} [{self.choice}]"}.get(self.role, self.key)


@dataclass(frozen=True)
class Columns:
    """What each column holds, None: nothing.

    ``unknown`` are the headers nobody knows, ``missing`` those that only the map has. ``skip`` are, by place of a
    column, the values of rows to be left out.
    """

    targets: tuple[Target | None, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    skip: Mapping[int, tuple[str, ...]]

    def has(self, *roles: Role) -> bool:
        """Whether there is a column of one of these roles."""
        return any(target is not None and target.role in roles for target in self.targets)


def plain(text: str) -> str:
    """A header as it is compared: its words, without case, punctuation and mark-up."""
    folded = unicodedata.normalize("NFKC", TAG.sub(" ", text[:LONGEST])).casefold()
    return " ".join(WORD.findall(folded)) or folded.strip()


def match(
    names: Sequence[str], questions: Sequence[str] | None, instrument: Instrument, header_map: HeaderMap
) -> Columns:
    """Say what each column holds; ``questions`` are the question texts below the header, where a tool writes them.

    `UsageError` where two columns hold the same, or the map names what the instrument does not have.
    """
    words = _Words(instrument, header_map)
    texts = questions or ("",) * len(names)
    found = [words.of(name, text) for name, text in zip(names, texts, strict=True)]
    single = _one_each(found, header_map)
    _check_once(names, single)
    unknown = [name for name, target in zip(names, found, strict=True) if target is None and not words.is_left(name)]
    said = {plain(each) for each in (*names, *texts)}
    return Columns(
        tuple(single),
        tuple(name for name in unknown if name.strip()),
        tuple(each for each in header_map.columns if plain(each) not in said),
        {place: values for place, name in enumerate(names) if (values := words.skipped.get(plain(name)))},
    )


class _Words:
    """What headers mean, by their plain words."""

    def __init__(self, instrument: Instrument, header_map: HeaderMap) -> None:
        self._ids = _unambiguous(_by_id(instrument))
        self._texts = _unambiguous(_by_text(instrument))
        self._labels = _unambiguous(_by_label(instrument)) if header_map.labels_alone else {}
        self._mapped = {plain(name): self._meant(name, value, instrument) for name, value in header_map.columns.items()}
        self._roles = {plain(each): Target(each) for each in PLACES}
        for role in PLACES:
            for rank, name in enumerate(getattr(header_map, role), start=1):
                self._roles.setdefault(plain(name), Target(role, rank=rank))
        self.skipped = {plain(name): values for name, values in header_map.skip.items()}
        self._left = tuple(each.casefold() for each in header_map.leave)

    def of(self, name: str, question: str) -> Target | None:
        """What a column holds.

        Where a tool writes the question below, its own numbers (``Q10``) stand above, which are no items' ids.
        """
        word, asked = plain(name), plain(question)
        for each in (word, asked):
            if each in self._mapped:
                return self._mapped[each]
        if word in self._roles:
            return self._roles[word]
        if self.is_left(name):
            return None
        by_name = self._ids.get(word) if asked in {"", word} else None
        return by_name or self._asked(question or name)

    def is_left(self, name: str) -> bool:
        """Whether a column is known and of no use."""
        folded, word = name.strip().casefold(), plain(name)
        is_known = word in self._mapped or word in self.skipped or word in self._roles
        return is_known or any(fnmatchcase(folded, each) for each in self._left)

    def _asked(self, text: str) -> Target | None:
        for each in (plain(text), plain(NUMBER.sub("", text, count=1))):
            if found := self._texts.get(each) or self._labels.get(each):
                return found
        return None

    def _meant(self, name: str, value: str, instrument: Instrument) -> Target | None:
        word = plain(value)
        if word == IGNORE:
            return None
        found = self._ids.get(word) or next((Target(each) for each in PLACES if plain(each) == word), None)
        if found is None:
            raise UsageError(
                f"The header map gives {name!r} the item {value!r}, which {instrument.slug} does not have. It has "
                f"{', '.join(key for item in instrument.items for key in item.keys)}; {', '.join(PLACES)} and {IGNORE} "
                "are possible too."
            )
        return found


def _one_each(found: Sequence[Target | None], header_map: HeaderMap) -> list[Target | None]:
    """Of several columns for a team, a tenure or a time only the best there is; respondents may have several."""
    best: dict[str, int] = {}
    for target in found:
        if target is not None:
            best[target.role] = min(best.get(target.role, target.rank), target.rank)
    ranked = {each for each in PLACES if each != "respondent" and getattr(header_map, each)}
    return [
        None if target is not None and target.role in ranked and target.rank > best[target.role] else target
        for target in found
    ]


def _check_once(names: Sequence[str], targets: Sequence[Target | None]) -> None:
    columns = defaultdict(list)
    for name, target in zip(names, targets, strict=True):
        if target is not None:
            columns[target].append(name)
    for target, several in columns.items():
        if len(several) > 1:
            listed = " and ".join(map(repr, several))
            raise UsageError(f'The columns {listed} both hold {target}. Drop one, or map it to "{IGNORE}".')


def _unambiguous(pairs: Iterator[tuple[str, Target]]) -> dict[str, Target]:
    found: dict[str, set[Target]] = defaultdict(set)
    for text, target in pairs:
        found[plain(text)].add(target)
    return {text: next(iter(targets)) for text, targets in found.items() if len(targets) == 1}


def _by_id(instrument: Instrument) -> Iterator[tuple[str, Target]]:
    for item in instrument.items:
        yield from _named(item, item.id)


def _by_text(instrument: Instrument) -> Iterator[tuple[str, Target]]:
    for item in instrument.items:
        for text in item.text.values():
            yield from _named(item, text)
            yield from _named(item, f"{item.id} {text}")


def _by_label(instrument: Instrument) -> Iterator[tuple[str, Target]]:
    for item in instrument.items:
        for target, label in _labelled(item):
            yield label, target


def _named(item: Item, name: str) -> Iterator[tuple[str, Target]]:
    """What a name of an item stands for, with a row, a choice or ``comment`` behind it."""
    if item.scale == "text":
        yield name, Target("comment", item.id)
    elif not item.rows:
        yield name, Target("answer", item.id)
    if item.comment or item.scale == "text":
        yield f"{name} {COMMENT}", Target("comment", item.id)
    for target, label in _labelled(item):
        yield f"{name} {label}", target


def _labelled(item: Item) -> Iterator[tuple[Target, str]]:
    for row in item.rows:
        for label in _labels(row):
            yield Target("answer", f"{item.id}:{row.id}"), label
    for option in item.options if item.scale == "choices" else ():
        for label in _labels(option):
            yield Target("choice", item.id, option.id), label


def _labels(option: Option) -> set[str]:
    return {option.id, *option.label.values()}
