"""What sources remark, put together: what hundreds of parts of one source say alike is one line."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.health_words import named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dashboards.data import SourceState
    from dashboards.health_sources import SourceHealth

COLLECT = "Put that right, then: tribometer collect"
PARTICULAR = re.compile(r"(?<![\w.])/[^\s)]+|\d[\d,]*")
"""Addresses and numbers: what parts that say the same say differently."""


@dataclass(frozen=True)
class Said:
    """A remark, and whose it is; ``family`` is the source that this one is a part of."""

    source: str
    family: str | None
    what: str
    do: str


def said_by(sources: Iterable[SourceState | SourceHealth]) -> list[Said]:
    """What the sources say of themselves, but for parts that left."""
    return [
        Said(each.name, each.family, remark.what, remark.do)
        for each in sources
        if not each.left
        for remark in each.remarks
    ]


def unread(part: str, family: str, error: str | None) -> Said:
    """What is said of a part of a source that could not be read; most errors begin with the name of either."""
    problem, _, fix = str(error).removeprefix(f"{family}: ").removeprefix(f"{part}: ").partition(". ")
    return Said(part, family, f"could not be read: {problem.removesuffix('.')}", fix or COLLECT)


def sizes(sources: Iterable[SourceState | SourceHealth]) -> Mapping[str, int]:
    """How many parts each family has."""
    return Counter(each.family for each in sources if each.family and not each.left)


def together(said: Iterable[Said], sizes: Mapping[str, int]) -> list[tuple[str, str]]:
    """Word each remark once, with whom it is about before it, and beside it what to do."""
    alike: dict[tuple[str, ...], list[Said]] = {}
    for each in said:
        part = (each.family, _shape(each.what, each), _shape(each.do, each)) if each.family else None
        alike.setdefault(part or (each.what, each.do), []).append(each)
    return [_worded(group, sizes) for group in alike.values()]


def _worded(group: Sequence[Said], sizes: Mapping[str, int]) -> tuple[str, str]:
    first = group[0]
    if first.family is None or len(group) == 1:
        return f"{named([each.source for each in group])}: {first.what}", first.do
    many = len({each.source for each in group})
    short = named(list(dict.fromkeys(each.source.partition(":")[2] or each.source for each in group)))
    like = "" if all(each.what == first.what for each in group) else ", for example"
    whole = max(sizes.get(first.family, 0), many)
    return f"{first.family}: in {many:,} of {whole:,} parts ({short}){like}: {first.what}", first.do


def _shape(text: str, said: Said) -> str:
    """The words without what is particular to the part."""
    return PARTICULAR.sub("…", text.replace(said.source.partition(":")[2] or said.source, "…"))
