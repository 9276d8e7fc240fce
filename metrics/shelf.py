"""Facts kept as temporary tables of one reader, so that what several statements read is computed once.

A statement of all facts at once says the same, but an engine plans it worse: it guesses how many rows each fact has,
and what it guesses wrong multiplies. Kept step by step every size is known.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

from metrics.compose import bare

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from tribometer.store import Reader

NAME = re.compile(r"(?<![.\w])\w+")
"""A word that is not a column of something: it may be a table."""


class Shelf:
    """What was kept on a reader, and from what: it is made again only where its text or what it reads has changed."""

    def __init__(self, reader: Reader) -> None:
        """Begin empty; tables of these names that others made on the reader are replaced."""
        self.reader = reader
        self._sources: dict[str, object] = {}
        self._editions: dict[str, int] = {}
        self._numbers = count()

    def give(self, name: str, table: pa.Table) -> None:
        """Keep a small table made here."""
        kept = self._sources.get(name)
        if kept is None or table != kept:
            self.reader.define(name, table)
            self._note(name, table)

    def keep(self, name: str, select: str) -> None:
        """Keep the rows of a select over the store and over what is kept."""
        words = set(NAME.findall(bare(select)))
        source = (select, frozenset((read, self._editions[read]) for read in words & self._editions.keys() - {name}))
        if self._sources.get(name) != source:
            self.reader.materialise(name, select)
            self._note(name, source)

    def keep_all(self, selects: Mapping[str, str]) -> None:
        """Keep several, each after what it reads."""
        for name, select in selects.items():
            self.keep(name, select)

    def _note(self, name: str, source: object) -> None:
        self._sources[name] = source
        self._editions[name] = next(self._numbers)
