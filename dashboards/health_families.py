"""Sources with their parts folded under them, so that an organisation of hundreds of repositories is one row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from dashboards.health_tables import LISTED, listing
from dashboards.health_words import ago, counted, literal, source_row, state

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dashboards.health_sources import SourceHealth


@dataclass(frozen=True)
class Family:
    """A source and its parts; ``left`` are those that it does not have any more: nothing is expected of them."""

    source: SourceHealth
    parts: tuple[SourceHealth, ...] = ()
    left: tuple[SourceHealth, ...] = ()

    @property
    def failing(self) -> int:
        """How many parts could not be read at last, for a reason that does not mend itself."""
        return sum(bool(each.last_error and not each.passing) for each in self.parts)

    def row(self, now: datetime) -> dict[str, str]:
        """One row: with parts, how many there are, how many fail, and how long ago the oldest was read."""
        row = source_row(self.source, now)
        if not self.parts:
            return row
        row["Source"] += f" ({counted(len(self.parts), 'part')})"
        if self.failing:
            row["State"] += f", {self.failing:,} of {counted(len(self.parts), 'part')} failing"
        row["Last success"] += f"; oldest part {_oldest(self.parts)}"
        return row


def families(sources: Iterable[SourceHealth]) -> list[Family]:
    """Fold parts under their source; a part whose source is not there stands for itself."""
    found = {each.name: each for each in sources}
    parts: dict[str, list[SourceHealth]] = {}
    for each in found.values():
        if each.family in found:
            parts.setdefault(str(each.family), []).append(each)
    return [
        Family(
            each,
            tuple(part for part in parts.get(each.name, ()) if not part.left),
            tuple(part for part in parts.get(each.name, ()) if part.left),
        )
        for each in found.values()
        if each.family not in found
    ]


def draw_parts(known: Sequence[Family]) -> None:
    """List the parts of each source behind a line to open, those that fail first."""
    for number, family in enumerate(known):
        if family.parts or family.left:
            count = counted(len(family.parts) + len(family.left), "part")
            with st.expander(f"{literal(family.source.name)}: {count}"):
                listed = sorted(family.parts, key=lambda part: (not part.last_error, part.name))
                rows = [part_row(part) for part in (*listed, *family.left)]
                problems = [row for row in rows if row["Problem"]]
                if len(rows) > LISTED and problems:
                    listing(problems[:LISTED], f"problems-{number}", f"Problems of parts of {family.source.name}")
                listing(rows, f"parts-{number}", f"Parts of {family.source.name}")


def part_row(part: SourceHealth) -> dict[str, str]:
    """One part as a row."""
    return {
        "Part": part.name,
        "State": "left" if part.left else state(part),
        "Last success": ago(part.age_seconds),
        "Problem": (part.last_error or "").removeprefix(f"{part.family}: "),
    }


def _oldest(parts: Sequence[SourceHealth]) -> str:
    ages = [part.age_seconds for part in parts]
    known = [age for age in ages if age is not None]
    return ago(max(known)) if len(known) == len(ages) else "never read"
