"""Groups of handles that an operator joined: what has to be declared so that some are one person, or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tribometer.store.identities import persons

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    Groups = Mapping[str, AbstractSet[str]]

SOURCE = "people"
"""Who declares what operators join: one person event for each group, whose id is one of its handles."""


def joining(groups: Groups, given: Collection[str]) -> Groups:
    """What becomes of the groups, by the ids of their events, when given handles are one person's."""
    touched = {center: members for center, members in groups.items() if {center, *members} & set(given)}
    together = {*given, *touched}.union(*touched.values())
    center = min(touched, default=min(together))
    return {**{each: set[str]() for each in touched}, center: together - {center}}


def parting(declared: Iterable[tuple[str, str, str]], one: str, other: str) -> Groups | None:
    """What becomes of the groups when two handles that were joined are two people's; None: other sources join them too.

    ``declared``: what is declared of the person, as handle, declaring id and source. With a handle leave those that
    other sources declare to be the same person's.
    """
    groups: dict[str, set[str]] = {}
    elsewhere: list[tuple[str, str]] = []
    for handle, center, source in declared:
        if source == SOURCE:
            groups.setdefault(center, set()).add(handle)
        else:
            elsewhere.append((handle, center))
    person = persons(elsewhere)
    if person.get(one, one) == person.get(other, other):
        return None
    return _without(groups, {other, *(each for each in person if person[each] == person.get(other))})


def _without(groups: Groups, leaving: AbstractSet[str]) -> Groups:
    changes: dict[str, AbstractSet[str]] = {}
    for center, members in groups.items():
        left = {center, *members} - leaving
        if len(left) <= len(members):
            staying = center if center in left else min(left, default=center)
            changes |= {center: set(), staying: left - {staying}}
    return {center: members for center, members in changes.items() if members or center in groups}
