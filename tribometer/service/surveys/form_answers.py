"""From a link to its answers: who may answer what until when, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from surveys.form import Promises
from surveys.instrument import instruments, named
from tribometer.errors import TribometerError, UsageError
from tribometer.service.surveys.links import link_key, read_token
from tribometer.store.answer_rows import Response

if TYPE_CHECKING:
    from datetime import datetime

    from surveys.form import PageKind
    from surveys.form_fields import Parsed
    from surveys.instrument import Instrument
    from tribometer.service.instance import Instance
    from tribometer.store.answer_rows import Value
    from tribometer.store.answers import WaveFacts
    from tribometer.store.records.survey_records import Invitation, Wave


@dataclass(frozen=True)
class Refusal:
    """Why a link shows no form: the page that says so, and its status."""

    kind: PageKind
    status: int


UNKNOWN, EARLY = Refusal("unknown", 404), Refusal("early", 403)
CLOSED, REVOKED, EXPIRED = Refusal("closed", 410), Refusal("revoked", 410), Refusal("expired", 410)


@dataclass(frozen=True)
class Seat:
    """Whoever came by a link that holds. ``is_over``: no more answers, but those there are can still be withdrawn."""

    invitation: Invitation
    wave: Wave
    facts: WaveFacts
    instrument: Instrument
    is_over: bool

    @property
    def has_answered(self) -> bool:
        """Whether something was saved."""
        return self.invitation.state == "answered"

    @property
    def promises(self) -> Promises:
        """What whoever answers is told; thresholds are those the wave was opened with."""
        return Promises(
            self.facts.minimum,
            self.facts.comment_minimum,
            self.wave.keep_days,
            _until(self.invitation, self.wave),
            self.invitation.timezone,
            self.invitation.team,
            self.invitation.tenure,
        )


class FormAnswers:
    """The answers that links lead to. Everything raises `StoreError` where a store cannot be used."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._key = link_key(instance.store.pseudonyms)
        # the wording of a slug never changes, and reading a folder's files takes longer than all the rest
        self._instruments: dict[str, Instrument] = {}

    def is_signed(self, token: str) -> bool:
        """Whether a token was made here, without looking anything up."""
        return read_token(self._key, token) is not None

    def seat(self, token: str) -> Seat | Refusal:
        """Who comes by a token. `UsageError` where the instrument of the wave is not there any more."""
        signed = read_token(self._key, token)
        if signed is None:
            return UNKNOWN
        number, generation = signed
        surveys = self._instance.records.surveys
        invitation = surveys.invitation(number)
        wave = surveys.wave_numbered(invitation.wave) if invitation else None
        if invitation is None or wave is None or wave.state in {"closing", "closed"}:
            return CLOSED
        if invitation.generation != generation or invitation.state == "revoked":
            return REVOKED
        now = self._instance.clock()
        facts = self._instance.store.answers.wave(wave.name)
        if facts is None or wave.state == "planned" or now < invitation.opens_at:
            return EARLY
        if facts.closed_at is not None or now >= wave.closes_at:
            return CLOSED
        is_over = invitation.state == "expired" or now >= _until(invitation, wave)
        return Seat(invitation, wave, facts, self._instrument(wave.instrument), is_over)

    def given(self, seat: Seat) -> tuple[dict[str, Value], dict[str, str]]:
        """What was saved so far: answers and comments; draws no keys, for a link that is only looked at."""
        keys = self._instance.records.surveys.keys(seat.invitation.number) if seat.has_answered else None
        if keys is None:
            return {}, {}
        return self._instance.store.answers.given(seat.wave.name, keys.response, keys.comment)

    def save(self, seat: Seat, parsed: Parsed) -> bool:
        """Save what a form says; False where the wave was closed meanwhile.

        The invitation is noted as answered before that, so that answers that are there are shown again after a crash.
        """
        surveys, asked = self._instance.records.surveys, seat.invitation
        keys = surveys.keys(asked.number)
        if keys is None:
            return False
        response = Response(
            keys.response, keys.respondent, keys.comment, asked.team, asked.tenure, asked.event_class, asked.reminded
        )
        if not seat.has_answered:
            surveys.set_state(asked.number, "answered")
        try:
            self._instance.store.answers.save(seat.wave.name, response, parsed.answers, parsed.comments)
        except TribometerError as error:
            if not seat.has_answered:
                surveys.set_state(asked.number, asked.state, asked.problem)
            if isinstance(error, UsageError):
                return False
            raise
        return True

    def withdraw(self, seat: Seat) -> bool:
        """Delete what was saved; False where the wave was closed meanwhile. No reminder follows."""
        keys = self._instance.records.surveys.keys(seat.invitation.number)
        if keys is None:
            return False
        try:
            self._instance.store.answers.withdraw(seat.wave.name, keys.response, keys.comment)
        except UsageError:
            return False
        return True

    def _instrument(self, slug: str) -> Instrument:
        if slug not in self._instruments:
            self._instruments[slug] = named(slug, instruments(self._instance.settings.surveys.instruments))
        return self._instruments[slug]


def _until(invitation: Invitation, wave: Wave) -> datetime:
    return min(wave.closes_at, invitation.expires_at or wave.closes_at)
