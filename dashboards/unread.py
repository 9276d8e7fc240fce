"""Sources that were not read to their end even once: what they may tell of, nobody is advised to send meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.health_words import named

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from metrics.definition import Metric


NOT_OBSERVABLE = "not_observable"


@dataclass(frozen=True)
class Unread:
    """A configured source whose first collection has not come to its end; ``reads`` are the event types it tells of.

    ``collecting``: that collection is under way.
    """

    name: str
    reads: frozenset[str]
    collecting: bool = False


def needed(metric: Metric) -> frozenset[str]:
    """The event types to connect where no source could have told of a metric."""
    # a metric of failures can tell of them by other signs too, but incidents are what to connect
    return metric.needs or frozenset({"incident"})


def awaited(metric: Metric) -> frozenset[str]:
    """The event types any of which may make a metric observable."""
    return metric.needs or metric.reads


def telling_of(event_types: Collection[str], unread: Iterable[Unread]) -> list[Unread]:
    """Those that may yet tell of any of these types."""
    return [each for each in unread if not each.reads.isdisjoint(event_types)]


def not_read_yet(event_types: Collection[str], unread: Iterable[Unread]) -> str | None:
    """Say which sources may yet tell of these types; None where there is nothing to wait for."""
    waited = telling_of(event_types, unread)
    going = [each.name for each in waited if each.collecting]
    if going:
        return f"not read yet: the first collection of {named(going)} is under way"
    return f"not read yet: {_names(waited)} not collected to the end yet" if waited else None


def _names(waited: Sequence[Unread]) -> str:
    return f"{named([each.name for each in waited])} {'was' if len(waited) == 1 else 'were'}"
