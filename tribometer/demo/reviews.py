"""Events about reviews: who was asked, and who answered what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tribometer.demo.changes import HOTFIX, REVERT, UPDATE
from tribometer.demo.code import SOURCE, change_ids
from tribometer.demo.columns import instants, joined, table, words

if TYPE_CHECKING:
    import pyarrow as pa

    from tribometer.demo.changes import Changes
    from tribometer.demo.columns import Ints
    from tribometer.demo.people import People
    from tribometer.demo.world import World

STATES = ("approved", "changes_requested", "commented")
TURNS = ("1", "2")
APPROVED, CHANGES_REQUESTED, COMMENTED = range(3)


def review_tables(world: World, people: People, changes: Changes) -> dict[str, pa.Table]:
    """Requests and reviews of changes that somebody was asked to review."""
    stream = world.stream("reviews")
    ids, team = change_ids(world, changes), world.team_of[changes.service]
    reviewer = people.pick(stream, team, changes.created, besides=changes.author)
    asked = np.flatnonzero(changes.requested < world.end)
    again = np.flatnonzero(changes.approved > changes.reviewed)
    rows = np.concatenate([asked, again])
    turn = np.repeat([0, 1], [len(asked), len(again)])
    later = changes.reviewed[again] + (changes.approved[again] - changes.reviewed[again]) * 0.6
    return {
        "review_request": table(
            SOURCE,
            joined(words(ids, rows), "?", words(TURNS, turn)),
            change=words(ids, rows),
            reviewer=words(people.logins, reviewer[rows]),
            requested_at=instants(np.concatenate([changes.requested[asked], later])),
        ),
        "review": _reviews(world, people, changes, ids, reviewer),
    }


def _reviews(world: World, people: People, changes: Changes, ids: pa.Array, reviewer: Ints) -> pa.Table:
    """First answers and, where they asked for more, the approval behind them."""
    answered = np.flatnonzero(changes.reviewed < world.end)
    again = np.flatnonzero((changes.approved > changes.reviewed) & (changes.approved < world.end))
    gone = np.isnan(changes.approved) | (changes.approved > changes.reviewed)
    state = np.where(gone[answered], np.where(answered % 3 == 0, COMMENTED, CHANGES_REQUESTED), APPROVED)
    rows = np.concatenate([answered, again])
    change = words(ids, rows)
    waved_through = np.isin(changes.kind, (HOTFIX, REVERT, UPDATE))[rows] & (rows % 7 == 0)
    turn = np.repeat([0, 1], [len(answered), len(again)])
    return table(
        SOURCE, joined(change, "!", words(TURNS, turn)),
        change=change,
        reviewer=words(people.logins, np.where(waved_through, len(people.logins) - 1, reviewer[rows])),
        reviewer_kind=words(["human", "bot"], waved_through),
        state=words(STATES, np.concatenate([state, np.full(len(again), APPROVED)])),
        submitted_at=instants(np.concatenate([changes.reviewed[answered], changes.approved[again]])),
    )  # fmt: skip
