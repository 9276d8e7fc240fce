"""``tribometer people``: whose handles are one person's, as far as an operator says so. Only pseudonyms come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tribometer.errors import UsageError
from tribometer.events import parse_event
from tribometer.service.instance import has_store
from tribometer.service.joining import SOURCE, joining, parting
from tribometer.store.suggestions import seen, suggested

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tribometer.service.instance import Instance
    from tribometer.service.joining import Groups
    from tribometer.service.operations import Tell
    from tribometer.store.reader import Reader
    from tribometer.store.suggestions import Suggestion

AT_LEAST = 2
GROUPS = "SELECT id, coalesce(handles, []) AS handles FROM people WHERE source = $source"
SAME = """
SELECT handle FROM identities WHERE person = (SELECT person FROM identities WHERE handle = $handle) ORDER BY handle
"""
DECLARED = """
SELECT handle, person, source FROM person_handles
WHERE person IN (SELECT handle FROM identities WHERE person = (SELECT person FROM identities WHERE handle = $handle))
ORDER BY source, person, handle
"""


def suggestions(instance: Instance, _arguments: Mapping[str, Any], _tell: Tell) -> dict[str, Any]:
    """List pairs of handles that may be one person's: why, and how many events of each source name them."""
    with instance.store.reader() as reader:
        found = suggested(reader)
        events = seen(reader, {handle for each in found for handle in (each.one, each.other)}) if found else {}
    return {"suggestions": [_suggestion(each, events) for each in found]}


def count_suggestions(instance: Instance) -> int:
    """Count them."""
    with instance.store.reader() as reader:
        return len(suggested(reader))


def who(instance: Instance, arguments: Mapping[str, Any], _tell: Tell) -> dict[str, Any]:
    """Return the pseudonym of ``handle`` and those it is joined with, nothing else; that it was asked is on record."""
    if not has_store(instance.settings):
        raise UsageError("Nothing is stored here yet, so nobody has a pseudonym. Name the data folder with --data.")
    [pseudonym] = _keyed(instance, [arguments["handle"]])
    with instance.store.reader() as reader:
        same = _same(reader, pseudonym)
    instance.audit("people.who", pseudonym)
    return {"pseudonym": pseudonym, "joined_with": [each for each in same if each != pseudonym]}


def join(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Declare ``handles`` (or pseudonyms) to be one person's."""
    given = dict(zip(_keyed(instance, arguments["handles"]), arguments["handles"], strict=True))
    if len(given) < AT_LEAST:
        raise UsageError("There is nothing to join: name two handles that are not spellings of one.")
    with instance.source_lock(SOURCE):
        with instance.store.reader() as reader:
            groups = {center: set(members) for center, members in reader.rows(GROUPS, source=SOURCE)}
            known = seen(reader, given)
        _declare(instance, joining(groups, given))
        with instance.store.reader() as reader:
            same = _same(reader, min(given))
    for pseudonym, handle in given.items():
        if pseudonym not in known:
            tell({"hint": f"{handle}: no event names this handle so far. It is joined; check how it is spelled."})
    instance.audit("people.join", min(given), handles=sorted(given))
    return {"joined": same}


def apart(instance: Instance, arguments: Mapping[str, Any], _tell: Tell) -> dict[str, Any]:
    """Keep that two ``handles`` are two people's: they are no longer suggested, and no longer joined from here.

    Raises `UsageError` where other sources declare them to be one person's.
    """
    one, other = sorted(_keyed(instance, arguments["handles"]))
    if one == other:
        raise UsageError("These are spellings of one handle, which is one person's.")
    with instance.source_lock(SOURCE):
        with instance.store.reader() as reader:
            joined = other in _same(reader, one)
            declared = reader.rows(DECLARED, handle=one) if joined else []
        changes = parting(declared, one, other) if joined else {}
        if changes is None:
            names = ", ".join(sorted({source for _, _, source in declared} - {SOURCE}))
            raise UsageError(f"{names} declares these handles to be one person's. Correct it there and collect again.")
        _declare(instance, changes)
        instance.store.keep_apart(one, other)
    instance.audit("people.apart", one, other=other)
    return {"apart": [one, other]}


def _suggestion(found: Suggestion, events: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    sides = {"one": found.one, "other": found.other}
    told = {side: {"pseudonym": each, "events": dict(events.get(each, {}))} for side, each in sides.items()}
    return {**told, "why": found.why}


def _keyed(instance: Instance, handles: Iterable[str]) -> list[str]:
    if not all(each.strip() for each in handles):
        raise UsageError("A handle is a login, like gitlab:dave, or an e-mail address; one of these is empty.")
    return [instance.store.pseudonyms.of(each) for each in handles]


def _same(reader: Reader, pseudonym: str) -> list[str]:
    return [handle for (handle,) in reader.rows(SAME, handle=pseudonym)]


def _declare(instance: Instance, groups: Groups) -> None:
    events = [
        parse_event({"type": "person", "source": SOURCE, "id": center, "handles": sorted(members)})
        for center, members in groups.items()
    ]
    if events:
        instance.store.land(events, kind=SOURCE)
        instance.changed()
