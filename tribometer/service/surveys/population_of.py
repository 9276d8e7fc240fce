"""Who of the catalog a wave asks: the address book, joined with teams, tenure and calendars by keyed pseudonyms.

Of answers that were given elsewhere, how many people the catalog has in the teams that answered.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from surveys.population import Candidate, Known, Listed, Place, candidates, tenure_band
from tribometer.clock import naive_utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tribometer.service.instance import Instance
    from tribometer.store import Reader

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
        teams, people = _catalog(reader, now)
        places = {team: Place(zone, country) for team, zone, country in reader.rows(PLACES)}
    pseudonyms = instance.store.pseudonyms

    def known(address: str) -> tuple[str, Known]:
        handle = pseudonyms.of(address)
        person = same.get(handle, handle)
        return person, people.get(person) or Known(teams.get(person))

    return candidates(listed, known, places, instance.settings.timezone, now)


def of_teams(instance: Instance, answered: Mapping[tuple[str, str], int], at: datetime) -> dict[tuple[str, str], int]:
    """How many people the catalog has, by team and tenure, in the teams of which somebody ``answered`` elsewhere.

    Nothing where it does not know one of these teams or tenures, or fewer people of it than answered: whoever asked
    then had other people in mind.
    """
    with instance.store.reader() as reader:
        teams, people = _catalog(reader, at)
    tells_tenure = any(tenure for _, tenure in answered)
    found: dict[tuple[str, str], int] = {}
    for person, team in teams.items():
        known = people.get(person, Known(team))
        if not known.is_bot and (known.ended_at is None or known.ended_at > at):
            group = (team, tenure_band(known.started_at, at) if tells_tenure else "")
            found[group] = found.get(group, 0) + 1
    if any(found.get(group, 0) < n for group, n in answered.items()):
        return {}
    there = {team for team, _ in answered}
    return {group: n for group, n in found.items() if group[0] in there}


def _catalog(reader: Reader, at: datetime) -> tuple[dict[str, str], dict[str, Known]]:
    """The team of each person at a time, and what is known of people."""
    teams = dict(reader.rows(TEAMS, now=naive_utc(at)))
    people = {
        person: Known(teams.get(person), _aware(started), _aware(ended), is_bot)
        for person, started, ended, is_bot in reader.rows(PEOPLE)
    }
    return teams, people


def _aware(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(tzinfo=UTC)
