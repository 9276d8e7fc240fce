"""The questions of what-if, read from text of options and pages; what is impossible is refused with what would do.

Whether a team, service or pipeline is on the board is checked when the question is answered.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from metrics.friction.kinds import BY_NAME
from metrics.wording import share_text
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SHARE = re.compile(r"(?:by\s+)?(\d{1,9}(?:\.\d{1,9})?)\s*(%?)")
MEASURABLE = tuple(name for name, kind in BY_NAME.items() if kind.needs)
OF_PIPELINES = ("flaky_reruns", "ci_queue", "ci_execution", "red_default_branch")
"""Kinds whose hours lie in a pipeline."""
Target = Literal["nothing", "median"]
TARGETS: tuple[Target, ...] = get_args(Target)
GONE = frozenset({"flaky_reruns"})
"""Kinds that a repair ends; the others become as they are elsewhere."""


@dataclass(frozen=True)
class Reduction:
    """What if a kind were less by ``share`` (above 0, up to 1), everywhere or in one team or service.

    Raises `UsageError` for an unknown kind, an impossible share, or a team and a service at once.
    """

    kind: str
    share: float
    team: str | None = None
    service: str | None = None

    def __post_init__(self) -> None:
        """Refuse what nobody can ask."""
        check_known("kind of friction", self.kind, MEASURABLE)
        if not 0 < self.share <= 1:
            raise UsageError(
                f"By which share is it less? Write 30% or 0.3, above 0 and up to 100%, not {self.share:g}."
            )
        if self.team is not None and self.service is not None:
            raise UsageError("Less of it in one team or in one service, not in both: ask twice.")

    @classmethod
    def read(cls, kind: str, by: str, team: str | None = None, service: str | None = None) -> Reduction:
        """Read the pieces as somebody writes them: ``review_wait``, ``30%`` (or ``0.3``)."""
        return cls(kind.strip(), share(by), _given(team), _given(service))

    @property
    def words(self) -> str:
        """The question in a line."""
        where = f" in team {self.team}" if self.team else f" in service {self.service}" if self.service else ""
        return f"{BY_NAME[self.kind].title}: {share_text(self.share)} less{where}"


@dataclass(frozen=True)
class Repair:
    """What if one pipeline had none of a kind any more, or as much for each wait as the median of all others.

    ``to`` is by default nothing for flaky checks, which a repair ends, and the median for all else. Raises `UsageError`
    for a kind that lies in no pipeline, or an unknown target.
    """

    pipeline: str
    kind: str = "flaky_reruns"
    to: Target | None = None

    def __post_init__(self) -> None:
        """Refuse what nobody can ask."""
        check_known("kind of friction in pipelines", self.kind, OF_PIPELINES)
        if self.to is not None:
            check_known("target", self.to, TARGETS)

    @classmethod
    def read(cls, pipeline: str, kind: str | None = None, to: str | None = None) -> Repair:
        """Read the pieces as somebody writes them: ``acme/shop/ci``, ``ci_queue``, ``nothing`` or ``median``."""
        wanted = _given(to)
        target = next((each for each in TARGETS if each == wanted), None)
        if wanted is not None and target is None:
            check_known("target", wanted, TARGETS)
        return cls(pipeline.strip(), _given(kind) or "flaky_reruns", target)

    @property
    def target(self) -> Target:
        """What becomes of it."""
        return self.to or ("nothing" if self.kind in GONE else "median")

    @property
    def words(self) -> str:
        """The question in a line."""
        end = "none of it any more" if self.target == "nothing" else "as in the median of the other pipelines"
        return f"{BY_NAME[self.kind].title} in pipeline {self.pipeline}: {end}"


@dataclass(frozen=True)
class Move:
    """What if these services were made from a template; `UsageError` without any service, or with one twice."""

    services: tuple[str, ...]
    template: str

    def __post_init__(self) -> None:
        """Refuse what nobody can ask."""
        if not self.services or not self.template:
            raise UsageError(
                "Which services shall move to which template? Name at least one service, and the template."
            )
        if twice := sorted({name for name in self.services if self.services.count(name) > 1}):
            raise UsageError(f"{', '.join(twice)}: named twice. Name every service once.")

    @classmethod
    def read(cls, services: Iterable[str], template: str) -> Move:
        """Read names as somebody writes them; empty ones count as not given."""
        return cls(tuple(name.strip() for name in services if name.strip()), template.strip())

    @property
    def words(self) -> str:
        """The question in a line."""
        return f"{', '.join(self.services)} moved to template {self.template}"


Question = Reduction | Repair | Move


def share(text: str) -> float:
    """Read a share above 0 and up to 1: ``30%``, ``by 30%`` or ``0.3``; `UsageError` for anything else."""
    found = SHARE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{text!r}: by which share is it less? Write 30% or 0.3.")
    value = float(found[1]) / (100 if found[2] else 1)
    if not found[2] and value > 1:
        raise UsageError(f"{text!r}: write {found[1]}% for a share of {value / 100:g}.")
    if not 0 < value <= 1:
        raise UsageError(f"{text!r}: it can be less by more than nothing and by 100% at most.")
    return value


def check_known(what: str, name: str, known: Sequence[str]) -> None:
    """Raise `UsageError` that suggests names like it, or else lists all that fit in a line."""
    if name in known:
        return
    close = difflib.get_close_matches(name, known, n=3)
    if close:
        raise UsageError(f"There is no {what} {name!r}. Did you mean {' or '.join(close)}?")
    if not known:
        raise UsageError(f"There is no {what} {name!r} on the board, nor any other: ask for a longer period.")
    raise UsageError(f"There is no {what} {name!r}. Choose one of: {_listed(known)}.")


def _listed(known: Sequence[str]) -> str:
    shown = 12
    more = f" and {len(known) - shown} more" if len(known) > shown else ""
    return ", ".join(known[:shown]) + more


def _given(text: str | None) -> str | None:
    return (text or "").strip() or None
