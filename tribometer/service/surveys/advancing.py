"""What surveys do by themselves, looked at every minute: open, invite, send, remind, expire, close, forget.

Every step looks at what is there and does what is missing, so that a crash between any two is made up for by the next
minute, and nothing is done twice.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from surveys.instrument import named
from surveys.sending_times import first_moment, first_rested
from tribometer.errors import TribometerError
from tribometer.service.delivery import Outbox, outbox_of
from tribometer.service.surveys import events, waves
from tribometer.service.surveys.links import link, link_key, token_of
from tribometer.store.records.survey_records import FIRST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tribometer.service.instance import Instance
    from tribometer.settings.surveys import Recurring
    from tribometer.store.records.survey_records import Invitation, Wave

LOG = logging.getLogger(__name__)
LOCAL = "http://127.0.0.1:8501"


class Advancing:
    """Moves the surveys of an instance on; keep one as long as the instance, for the outbox it holds."""

    def __init__(self, instance: Instance, base_url: str = LOCAL) -> None:
        """``base_url`` begins the links where the settings name no address."""
        self._instance = instance
        self._base = instance.settings.surveys.url or base_url
        self._outbox: Outbox | None = None

    def advance(self) -> None:
        """Do what is due; what goes wrong with one wave keeps no other waiting."""
        self._recur()
        self._ask()
        for wave in reversed(self._instance.records.surveys.waves()):
            try:
                self._move(wave)
            except TribometerError as error:
                LOG.warning("survey wave %s: %s", wave.name, error)
        self._send()
        self._forget()

    def end(self) -> None:
        """Let what is being sent come to its end; nothing more is taken up."""
        if self._outbox is not None:
            self._outbox.end()

    def link_of(self, invitation: Invitation) -> str:
        """Somebody's personal link."""
        return link(self._base, token_of(link_key(self._instance.store.pseudonyms), invitation))

    def _ask(self) -> None:
        """Ask about what just happened."""
        try:
            events.ask(self._instance)
        except TribometerError as error:
            LOG.warning("surveys after events: %s", error)

    def _move(self, wave: Wave) -> None:
        now = self._instance.clock()
        if wave.state == "planned" and wave.opens_at <= now:
            waves.begin(self._instance, wave)
        elif wave.state == "closing" or (wave.state == "open" and wave.closes_at <= now):
            waves.finish(self._instance, wave)
        elif wave.state == "open":
            self._plan(wave, now)

    def _plan(self, wave: Wave, now: datetime) -> None:
        """Put on the list what has to be sent: the invitation when somebody's turn comes, reminders after it."""
        surveys, due = self._instance.records.surveys, list[tuple[int, str, datetime]]()
        for each in surveys.invitations(wave.number, "waiting", "sent"):
            if each.expires_at is not None and each.expires_at <= now:
                surveys.set_state(each.number, "expired")
            elif each.channel == "links" or each.opens_at > now:
                continue
            elif each.state == "waiting":
                due.append((each.number, FIRST, each.opens_at))
            else:
                due += self._reminders(wave, each, now)
        surveys.plan_all(due)

    def _reminders(self, wave: Wave, each: Invitation, now: datetime) -> Iterator[tuple[int, str, datetime]]:
        for number, days in enumerate(wave.reminders, start=1):
            due = None if each.first_sent_at is None else each.first_sent_at + timedelta(days=days)
            if due is not None and due <= now:
                yield each.number, f"reminder-{number}", self._writable(each, due)

    def _writable(self, each: Invitation, moment: datetime) -> datetime:
        """The first moment from a given one at which somebody may be written to.

        Who is to be invited waits for their rest from all other surveys, whenever those were sent in the end.
        """
        settings = self._instance.settings.surveys
        rest = timedelta(days=settings.rest_days if each.first_sent_at is None else 0)
        sent = self._instance.records.surveys.written_to(each.person, moment - rest) if rest else []
        hours = partial(first_moment, hours=settings.sending_hours, zone=each.timezone, country=each.country)
        return first_rested(moment, sent, rest, hours)

    def _send(self) -> None:
        if self._outbox is None:
            self._outbox = outbox_of(self._instance, self.link_of, self._writable)
        sent = self._outbox.send_due()
        for problem in sent.problems:
            LOG.warning("surveys: %s", problem)

    def _forget(self) -> None:
        """Delete the answers whose time is over, and the records of their waves."""
        now, surveys = self._instance.clock(), self._instance.records.surveys
        for facts in self._instance.store.answers.waves():
            if facts.closed_at is not None and facts.keep_until is not None and facts.keep_until <= now:
                self._instance.store.answers.forget_wave(facts.wave)
                for wave in surveys.waves():
                    if wave.name == facts.wave:
                        surveys.delete_wave(wave.number)

    def _recur(self) -> None:
        """Plan the newest turn of every survey that opens by itself, unless it is there already or over."""
        for each in self._instance.settings.surveys.recurring:
            try:
                self._turn(each)
            except TribometerError as error:
                LOG.warning("surveys.recurring %s: %s", each.instrument, error)

    def _turn(self, each: Recurring) -> None:
        now = self._instance.clock()
        first = datetime(each.starts.year, each.starts.month, each.starts.day, tzinfo=UTC)
        if now < first:
            return
        every = timedelta(weeks=each.every_weeks)
        opens_at = first + ((now - first) // every) * every
        instrument = named(each.instrument, self._instance.survey_numbers.instruments())
        name = f"{instrument.slug} {opens_at:%Y-%m-%d}"
        known = {wave.name for wave in self._instance.records.surveys.waves()}
        if name not in known and now < opens_at + timedelta(days=instrument.open_days):
            waves.plan(self._instance, instrument, name, each.channels, opens_at=opens_at)
