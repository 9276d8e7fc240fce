"""What is said of a source, or of parts of it, that could not be read."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from tribometer.errors import SourceBusy, SourceGone
from tribometer.store import LIMITED, UNREACHABLE, Passing, Remark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tribometer.errors import SourceError

MOST_NAMED = 3
COULD_NOT = "parts could not be read ("
"""What every remark of `some_could_not` says: who knows the errors of the parts tells them instead."""


def passing(error: SourceError) -> Passing | None:
    """Whether waiting alone mends it, and until when; None of what somebody has to mend."""
    if isinstance(error, SourceBusy):
        return Passing(LIMITED, error.until)
    return Passing(UNREACHABLE) if error.transient else None


def none_could_be_read(name: str, failed: Mapping[str, SourceError]) -> SourceError:
    """The error of a source none of whose parts could be read, by the first of them."""
    first = next(iter(failed.values()))
    problem = f"none of its {len(failed)} parts could be read; {first.source}: {first.problem}"
    return type(first)(name, problem, first.fix) if first.transient else SourceGone(name, problem, first.fix)


def some_could_not(failed: Mapping[str, SourceError], of: int) -> Remark:
    """The remark about those of a source's parts that could not be read."""
    named = "; ".join(f"{source}: {error.problem}" for source, error in islice(failed.items(), MOST_NAMED))
    more = f" and {len(failed) - MOST_NAMED} more" if len(failed) > MOST_NAMED else ""
    fixes = dict.fromkeys(error.fix for error in failed.values())
    return Remark(f"{len(failed)} of {of} {COULD_NOT}{named}{more})", ". ".join(list(fixes)[:2]))
