"""Surveys that are asked after events: what happened of late, as the event store has it, and who was part of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from surveys.instrument import named
from surveys.sending_times import first_moment
from surveys.triggers import FRESH, Happening, Sampling, chosen, resting
from tribometer.clock import naive_utc, quarters
from tribometer.errors import UsageError
from tribometer.service.surveys import waves
from tribometer.service.surveys.population_of import population
from tribometer.store.records.survey_records import NewInvitation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from surveys.instrument import Instrument
    from surveys.population import Candidate
    from surveys.triggers import Asking
    from tribometer.clock import Bucket
    from tribometer.service.instance import Instance
    from tribometer.store import Reader
    from tribometer.store.records.survey_records import Wave

PURPOSE = "survey events"
HAPPENED = {
    "deployment": """
SELECT d.service || ' ' || d.source || ' ' || d.id AS key, d.finished_at AS at,
    LIST(DISTINCT COALESCE(i.person, c.author)) AS people, 'production' AS class, d.service
FROM production_deployments AS d
JOIN shipped_commits AS s
    ON s.service = d.service AND s.deployment_source = d.source AND s.deployment_id = d.id
JOIN commits AS c ON c.repository = s.repository AND c.sha = s.sha
LEFT JOIN identities AS i ON i.handle = c.author
WHERE d.role = 'shipped' AND d.finished_at > $since AND d.finished_at <= $now AND c.author IS NOT NULL
GROUP BY d.service, d.source, d.id, d.finished_at
""",
    "check": """
SELECT r.source || ' ' || r.id AS key, r.completed_at AS at, LIST(DISTINCT COALESCE(i.person, c.author)) AS people,
    'check' AS class, NULL AS service
FROM runs AS r
JOIN changes AS c ON c.source = r.change_source AND c.id = r.change_id
LEFT JOIN identities AS i ON i.handle = c.author
WHERE r.attempt = 1 AND r.conclusion IN ('failure', 'timed_out') AND r.completed_at > $since
    AND r.completed_at <= $now AND c.author IS NOT NULL
    AND (
        EXISTS (
            SELECT 1 AS found FROM jobs AS j
            WHERE j.run_source = r.source AND j.run_id = r.id AND j.required
                AND j.conclusion IN ('failure', 'timed_out')
        )
        OR NOT EXISTS (
            SELECT 1 AS found FROM jobs AS j
            WHERE j.run_source = r.source AND j.run_id = r.id AND j.required IS NOT NULL
        )
    )
GROUP BY r.source, r.id, r.completed_at
""",
    "joined": """
SELECT p.source || ' ' || p.id || ' ' || d.days AS key, p.start_date + d.days * INTERVAL 1 DAY AS at,
    LIST_VALUE(COALESCE(i.person, p.id)) AS people, 'day-' || d.days AS class, NULL AS service
FROM people AS p
CROSS JOIN (VALUES (7), (30), (90)) AS d(days)
LEFT JOIN identities AS i ON i.handle = p.id
WHERE p.start_date + d.days * INTERVAL 1 DAY > $since AND p.start_date + d.days * INTERVAL 1 DAY <= $now
""",
    "request": """
SELECT r.source || ' ' || r.id AS key, r.fulfilled_at AS at, LIST(DISTINCT COALESCE(i.person, o.person)) AS people,
    COALESCE(r.kind, 'request') AS class, r.service
FROM requests AS r
JOIN ownerships AS o ON o.team = r.team AND o.person IS NOT NULL
    AND (o.valid_from IS NULL OR o.valid_from <= r.fulfilled_at) AND (o.valid_to IS NULL OR r.fulfilled_at < o.valid_to)
LEFT JOIN identities AS i ON i.handle = o.person
WHERE r.fulfilled_at > $since AND r.fulfilled_at <= $now
GROUP BY r.source, r.id, r.fulfilled_at, r.kind, r.service
""",
}
"""What each trigger looks for, with those who could be asked; a request names no person, so anybody of its team can."""
SUFFERING = """
SELECT DISTINCT service FROM incidents
WHERE service IS NOT NULL AND COALESCE(mitigated_at, resolved_at) IS NULL
    AND COALESCE(impact_started_at, detected_at) <= $now
"""
EVERYBODYS = "joined"
"""Nobody begins twice: of these every event is asked about."""


def ask(instance: Instance) -> int:
    """Invite those who were part of what just happened, for every survey that the settings name; count them."""
    settings = instance.settings.surveys
    if not settings.events or settings.people is None:
        return 0
    people = {each.person: each for each in population(instance, waves.book(instance))}
    known = instance.survey_numbers.instruments()
    return sum(_ask_with(instance, named(name, known), people) for name in settings.events)


def _ask_with(instance: Instance, instrument: Instrument, people: dict[str, Candidate]) -> int:
    if instrument.trigger is None:
        raise UsageError(f"surveys.events: {instrument.slug} is asked in waves, not after events; open it instead.")
    settings, now = instance.settings.surveys, instance.clock()
    quarter, surveys = _quarter(now), instance.records.surveys
    with instance.store.reader() as reader:
        # the wave of the quarter before knows what it asked about no more
        happened = list(_happened(reader, instrument.trigger, max(now - FRESH, quarter.period), now))
        suffering = {service for (service,) in reader.rows(SUFFERING, now=naive_utc(now))}
    rest = timedelta(days=settings.rest_days)
    rested = resting(surveys.last_asked(now - rest), people, rest, now)
    one_in = 1 if instrument.trigger == EVERYBODYS else settings.one_in
    sampling = Sampling(instrument.slug, one_in, instance.store.pseudonyms.purpose_key(PURPOSE))
    known = _wave_of(instance, instrument, quarter)
    done = surveys.asked_about(known.number) if known is not None else ()
    new = [each for each in happened if sampling.digest(each.key).hex() not in done]
    found = list(chosen(new, sampling, rested, suffering, now))
    if not found:
        return 0
    wave = quarter_wave(instance, instrument, now)
    return surveys.invite(wave.number, list(_invitations(instance, wave, found, people)))


def _quarter(now: datetime) -> Bucket:
    return quarters(now, now + timedelta(seconds=1))[0]


def _wave_of(instance: Instance, instrument: Instrument, quarter: Bucket) -> Wave | None:
    name = f"{instrument.slug} {quarter.label}"
    return next((each for each in instance.records.surveys.waves() if each.name == name), None)


def _happened(reader: Reader, trigger: str, since: datetime, now: datetime) -> Iterable[Happening]:
    rows = reader.rows(HAPPENED[trigger], since=naive_utc(since), now=naive_utc(now))
    for key, at, people, event_class, service in rows:
        yield Happening(key, at.replace(tzinfo=UTC), tuple(people), event_class, service)


def _invitations(
    instance: Instance, wave: Wave, found: Iterable[Asking], people: dict[str, Candidate]
) -> Iterable[NewInvitation]:
    now, hours = instance.clock(), instance.settings.surveys.sending_hours
    for each in found:
        who = people[each.person]
        opens_at = first_moment(now, hours, who.timezone, who.country)
        if opens_at >= min(each.until, wave.closes_at):
            continue  # by then nobody remembers
        channel, address = waves.reached(wave.channels, who)
        yield NewInvitation(
            person=who.person,
            channel=channel,
            address=address,
            opens_at=opens_at,
            team=who.team,
            tenure=who.tenure,
            language=who.language,
            timezone=who.timezone,
            country=who.country,
            event_class=each.event_class,
            event_key=each.digest,
            expires_at=each.until,
        )


def quarter_wave(instance: Instance, instrument: Instrument, now: datetime) -> Wave:
    """The wave of this quarter that takes what is answered after events; opened by the first of them."""
    quarter = _quarter(now)
    found = _wave_of(instance, instrument, quarter)
    if found is None:
        following = _quarter(quarter.period + timedelta(days=93)).period
        found = waves.plan(
            instance,
            instrument,
            f"{instrument.slug} {quarter.label}",
            instance.settings.surveys.event_channels,
            opens_at=now,
            closes_at=following,
        )
    if found.state == "planned":
        waves.begin(instance, found)
    return instance.records.surveys.wave(found.name)
