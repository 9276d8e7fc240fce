"""Who of the catalog a wave asks: the address book, joined with teams, tenure and calendars by keyed pseudonyms."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from surveys.population import Candidate, Known, Listed, Place, candidates
from tribometer.clock import naive_utc

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tribometer.service.instance import Instance

TEAMS = """
SELECT COALESCE(i.person, o.person) AS person, o.team
FROM ownerships AS o
LEFT JOIN identities AS i ON i.handle = o.person
WHERE o.person IS NOT NULL
    AND (o.valid_from IS NULL OR o.valid_from <= $now) AND (o.valid_to IS NULL OR $now < o.valid_to)
ORDER BY o.valid_from NULLS FIRST, o.team
"""
PEOPLE = """
SELECT COALESCE(i.person, p.id) AS person, MIN(p.start_date) AS started_at, MAX(p.end_date) AS ended_at,
    COALESCE(BOOL_OR(p.kind = 'bot'), FALSE) AS is_bot
FROM people AS p
LEFT JOIN identities AS i ON i.handle = p.id
GROUP BY COALESCE(i.person, p.id)
"""
PLACES = "SELECT id, MAX(timezone) AS zone, MAX(holidays) AS country FROM teams GROUP BY id"
IDENTITIES = "SELECT handle, person FROM identities"


def population(instance: Instance, listed: Iterable[Listed]) -> list[Candidate]:
    """The people of an address book who can be asked now, with what the catalog knows of them."""
    now = instance.clock()
    with instance.store.reader() as reader:
        same = dict(reader.rows(IDENTITIES))
        teams = dict(reader.rows(TEAMS, now=naive_utc(now)))
        people = {
            person: Known(teams.get(person), _aware(started), _aware(ended), is_bot)
            for person, started, ended, is_bot in reader.rows(PEOPLE)
        }
        places = {team: Place(zone, country) for team, zone, country in reader.rows(PLACES)}
    pseudonyms = instance.store.pseudonyms

    def known(address: str) -> tuple[str, Known]:
        handle = pseudonyms.of(address)
        person = same.get(handle, handle)
        return person, people.get(person) or Known(teams.get(person))

    return candidates(listed, known, places, instance.settings.timezone, now)


def _aware(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(tzinfo=UTC)
