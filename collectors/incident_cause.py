"""Whether a change caused an incident (E9), as people say by a label of its issue or a tag of its alert."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

YES = frozenset({"change-caused", "caused-by-change", "change-failure"})
NO = frozenset({"not-change-caused", "not-caused-by-change"})
BETWEEN_WORDS = re.compile(r"[\s_:/-]+")


def change_caused(labels: Iterable[object]) -> Literal["yes", "no", "unknown"]:
    """Read it off labels in any spelling of case and separators; unknown where none of them says it, or both do."""
    named = {BETWEEN_WORDS.sub("-", str(label).strip().casefold()) for label in labels}
    caused, other = not named.isdisjoint(YES), not named.isdisjoint(NO)
    return "unknown" if caused == other else "yes" if caused else "no"
