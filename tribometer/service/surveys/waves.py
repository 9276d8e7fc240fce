"""Waves: opened with promises that stand, people invited in parts, closed so that nothing leads to anybody."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from metrics.tables import parents
from surveys.population import in_cohorts, read_people
from surveys.sending_times import first_moment, first_rested
from tribometer.errors import UsageError
from tribometer.service.delivery import announce, note_of, reaching
from tribometer.service.surveys.population_of import of_teams, population
from tribometer.store.answers import WaveFacts
from tribometer.store.records.survey_records import NewInvitation, NewWave

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from surveys.instrument import Instrument
    from surveys.population import Candidate, Listed
    from tribometer.service.instance import Instance
    from tribometer.store.records.survey_records import Wave

COHORTS = "survey cohorts"
LINKS = "links"
CHANNELS = ("email", "slack", "teams", LINKS)


def plan(  # noqa: PLR0913 - what a wave is made of
    instance: Instance,
    instrument: Instrument,
    name: str,
    channels: Sequence[str],
    *,
    opens_at: datetime,
    closes_at: datetime | None = None,
    listed: Iterable[Listed] = (),
) -> Wave:
    """Plan a wave with the thresholds of today, and with those it asks where they are known by now, all at once.

    `UsageError` for a taken name, or a channel that reaches nobody.
    """
    settings = instance.settings.surveys
    reach = reaching(settings)
    for channel in channels:
        if channel not in CHANNELS:
            raise UsageError(f"--channel {channel!r}: choose {', '.join(CHANNELS)}.")
        if reach[channel]:
            raise UsageError(f"--channel {channel}: {reach[channel]}.")
    length = timedelta(days=instrument.open_days + (instrument.cohorts - 1) * instrument.cohort_days)
    ends = closes_at or opens_at + length
    if ends <= opens_at:
        raise UsageError(f"The wave would close on {ends:%Y-%m-%d %H:%M}, before it opens.")
    new = NewWave(
        name=name,
        instrument=instrument.slug,
        opens_at=opens_at,
        closes_at=ends,
        minimum=settings.minimum,
        comment_minimum=settings.comment_minimum,
        keep_days=settings.keep_days,
        channels=tuple(channels),
        cohorts=instrument.cohorts,
        cohort_days=instrument.cohort_days,
        # after an event nobody is reminded: it is asked about while it is fresh, or not at all
        reminders=() if instrument.trigger else NewWave.reminders,
    )
    return instance.records.surveys.add_wave(new, _invitations(instance, new, listed))


def begin(instance: Instance, wave: Wave) -> None:
    """Open a planned wave: freeze its promises and the teams. Again it changes nothing.

    Where nobody was named when it was planned, those of the address book of the settings are invited.
    """
    with instance.store.reader() as reader:
        teams = parents(reader)
    keep_until = wave.closes_at + timedelta(days=wave.keep_days)
    facts = WaveFacts(
        wave.name, wave.instrument, wave.minimum, wave.comment_minimum, wave.opens_at, None, keep_until, teams
    )
    instance.store.answers.open_wave(facts)
    surveys = instance.records.surveys
    if wave.reminders and not surveys.invitations(wave.number):
        invite(instance, wave, book(instance))
    surveys.move(wave.number, "open")
    if instance.store.demo is None and wave.reminders:
        settings = instance.settings.surveys
        announce(surveys, settings, wave.name, note_of(settings, wave))


def book(instance: Instance, path: Path | None = None) -> list[Listed]:
    """The address book of the settings, or of a file; nobody where there is none."""
    chosen = path or instance.settings.surveys.people
    return [] if chosen is None else read_people(chosen)


def invite(instance: Instance, wave: Wave, listed: Iterable[Listed]) -> int:
    """Invite who is not invited yet: each part in its turn, nobody again before they had their rest. Count the new."""
    surveys = instance.records.surveys
    there = {each.person for each in surveys.invitations(wave.number)}
    return surveys.invite(wave.number, _invitations(instance, wave, listed, there))


def _invitations(
    instance: Instance, wave: Wave | NewWave, listed: Iterable[Listed], there: Collection[str] = ()
) -> list[NewInvitation]:
    """Invitations of those who are not ``there`` yet, and whose turn comes before the wave is over."""
    now, settings = instance.clock(), instance.settings.surveys
    key = instance.store.pseudonyms.purpose_key(f"{COHORTS} {wave.instrument}")
    rest = timedelta(days=settings.rest_days)
    asked = instance.records.surveys.last_asked(now - rest)
    found = []
    for each in in_cohorts(population(instance, listed), wave.cohorts, key):
        own = timedelta(days=each.cohort * wave.cohort_days) if wave.cohorts > 1 else timedelta(0)
        made = _invitation(wave, each, max(wave.opens_at + own, now))
        writable = partial(first_moment, hours=settings.sending_hours, zone=each.timezone, country=each.country)
        # a link that is handed out by hand opens at any hour; what is planned for the days to come counts as well
        may_open = _at_any_hour if made.channel == LINKS else writable
        opens_at = first_rested(made.opens_at, asked.get(each.person, ()), rest, may_open)
        if each.person not in there and opens_at < wave.closes_at:
            found.append(replace(made, opens_at=opens_at))
    return found


def _at_any_hour(moment: datetime) -> datetime:
    return moment


def _invitation(wave: Wave | NewWave, each: Candidate, turn: datetime) -> NewInvitation:
    channel, address = reached(wave.channels, each)
    return NewInvitation(
        person=each.person,
        channel=channel,
        address=address,
        opens_at=turn,
        team=each.team,
        tenure=each.tenure,
        language=each.language,
        timezone=each.timezone,
        country=each.country,
        cohort=each.cohort,
    )


def reached(channels: Sequence[str], each: Candidate) -> tuple[str, str]:
    """By which of a wave's channels somebody is reached: Slack where their name there is known, else the first."""
    if "slack" in channels and each.slack:
        return "slack", each.slack
    others = [channel for channel in channels if channel != "teams"]
    return (others or [LINKS])[0], each.address


def finish(instance: Instance, wave: Wave) -> None:
    """Close a wave; after a crash in between it is closed by the next call. Nothing leads to an answer afterwards."""
    surveys = instance.records.surveys
    if wave.state == "closed":
        return
    # first nobody can begin an answer any more, then the answers lose their keys, then what leads to them goes
    surveys.move(wave.number, "closing")
    surveys.expire_unasked(wave.number)
    if instance.store.answers.wave(wave.name) is not None:
        instance.store.answers.close_wave(wave.name, _asked(instance, wave))
    surveys.unlink(wave.number)
    surveys.move(wave.number, "closed")


def _asked(instance: Instance, wave: Wave) -> dict[tuple[str, str], int]:
    """How many people were asked, by team and tenure; nothing where nobody can tell."""
    found: dict[tuple[str, str], int] = {}
    if not wave.channels:
        standing = Counter(instance.store.answers.standing(wave.name).values())
        return of_teams(instance, standing, min(instance.clock(), wave.closes_at))
    for each in instance.records.surveys.counts(wave.number):
        if each.invited:
            found[each.team, each.tenure] = found.get((each.team, each.tenure), 0) + each.invited
    return found


def described(instance: Instance, wave: Wave) -> dict[str, Any]:
    """A wave as a list tells it."""
    surveys = instance.records.surveys
    return {
        "wave": wave.name,
        "instrument": wave.instrument,
        "state": wave.state,
        "opens_at": wave.opens_at.isoformat(),
        "closes_at": wave.closes_at.isoformat(),
        "closed_at": wave.closed_at.isoformat() if wave.closed_at else None,
        "minimum": wave.minimum,
        "invited": sum(each.invited for each in surveys.counts(wave.number)) or None,
        "action": wave.action,
    }


def every(instance: Instance) -> list[dict[str, Any]]:
    """All waves as a list tells them, the newest first; those of a demo stand with their answers only."""
    planned = [described(instance, each) for each in instance.records.surveys.waves()]
    known = {each["wave"] for each in planned}
    return planned + [
        {
            "wave": each.wave,
            "instrument": each.instrument,
            "state": "closed" if each.closed_at else "open",
            "opens_at": each.opened_at.isoformat(),
            "closes_at": each.closed_at.isoformat() if each.closed_at else None,
            "closed_at": each.closed_at.isoformat() if each.closed_at else None,
            "minimum": each.minimum,
            "invited": None,
            "action": None,
        }
        for each in instance.store.answers.waves()
        if each.wave not in known
    ]
