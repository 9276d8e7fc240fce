"""Ownership that gets its dates from being looked at: sources say who owns what now, and never when that changed.

The first time a source is read, what it says counts since ever. Later, a claim it no longer makes ends, and one that
follows another begins, at the time of the collection that saw it. What it said so far stands in its cursor, so a
collection from the beginning (without a cursor) says again that what holds now has held since ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tribometer.events import Ownership

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

Said = Sequence[Mapping[str, Any]]
"""Every claim a source has made, ended ones too: JSON of the events without their source."""


def dated(
    claims: Iterable[Ownership], said: Said, *, source: str, at: datetime, whole: bool = True
) -> tuple[list[Ownership], Said]:
    """Events for what has changed since ``said``, and all that is said by now.

    The claims carry no dates, and an id each that is the same every time. Persons in them are pseudonyms, for nobody
    keys what stands in a cursor. ``whole`` is false when part of the source could not be read: then nothing ends but
    what another claim on the same thing replaces.
    """
    made = {_key(claim): claim for claim in claims}
    history = [Ownership.model_validate({**row, "source": source}) for row in said]
    known, claimed = {_thing(each) for each in history}, {_thing(each) for each in made.values()}
    standing = {_key(each): each for each in history if each.valid_to is None}
    over = [each for key, each in standing.items() if key not in made and (whole or _thing(each) in claimed)]
    ended = {each.id: each.model_copy(update={"valid_to": at}) for each in over}
    begun = [_begun(each, at if _thing(each) in known else None) for key, each in made.items() if key not in standing]
    rows = [_row(ended.get(each.id, each)) for each in (*history, *begun)]
    return [*ended.values(), *begun], rows


def _begun(claim: Ownership, at: datetime | None) -> Ownership:
    """A claim that holds from now on; ``at`` is None for the first one on its thing, which holds since ever."""
    if at is None:
        return claim.model_copy(update={"valid_to": None})
    # a thing may come back to a team it had before: that is another span, and needs another id
    return claim.model_copy(update={"id": f"{claim.id}@{at.isoformat()}", "valid_from": at, "valid_to": None})


def _thing(claim: Ownership) -> tuple[str | None, str | None, str | None]:
    return claim.service, claim.repository, claim.person


def _key(claim: Ownership) -> tuple[str, tuple[str | None, str | None, str | None]]:
    return claim.team, _thing(claim)


def _row(claim: Ownership) -> Mapping[str, Any]:
    return claim.model_dump(mode="json", exclude_none=True, exclude={"source"})
