"""Waves, invitations and messages of surveys: who was asked, never what they answered.

An invitation leads to a response only while its wave is open. Closing drops that, the address and the problem texts;
what stays is that somebody, by a keyed pseudonym, was asked at that time: nobody shall be asked too often.
"""

from __future__ import annotations

import secrets
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from sqlalchemy import String, and_, cast, delete, func, select, update

from tribometer.errors import UsageError
from tribometer.store.records.messages import Messages, insert_once
from tribometer.store.records.survey_records import FIRST, Keys, TeamCount, invitation_of, wave_of
from tribometer.store.records.tables import InvitationRow, MarkRow, MessageRow, WaveRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tribometer.store.records.survey_records import (
        Invitation,
        InvitationState,
        NewInvitation,
        NewWave,
        Wave,
        WaveState,
    )

LOST: tuple[InvitationState, ...] = ("revoked", "failed", "bounced")
"""Whoever's invitation ended so was not asked."""
UNWRITTEN = and_(
    InvitationRow.first_sent_at.is_(None), InvitationRow.response.is_(None), InvitationRow.channel != "links"
)
NEVER_ASKED = and_(InvitationRow.state == "expired", UNWRITTEN)
"""Those whose turn did not come in time."""


class Surveys(Messages):
    """The surveys' records. Unknown names raise `UsageError`."""

    def add_wave(self, new: NewWave, people: Iterable[NewInvitation] = ()) -> Wave:
        """Plan a wave, with those it asks where that is known already; `UsageError` where the name is taken."""
        row = WaveRow(
            name=new.name,
            instrument=new.instrument,
            state="planned",
            minimum=new.minimum,
            comment_minimum=new.comment_minimum,
            keep_days=new.keep_days,
            opens_at=new.opens_at,
            closes_at=new.closes_at,
            created_at=self._clock(),
            channels=list(new.channels),
            reminders=list(new.reminders),
            cohorts=new.cohorts,
            cohort_days=new.cohort_days,
            one_in=new.one_in,
        )
        taken = f"There is a wave {new.name!r} already. Choose another name."
        with self._database.writing("planning a survey wave", taken) as session:
            session.add(row)
            session.flush()
            self._add_all(session, row.number, people)
        return wave_of(row)

    def waves(self) -> list[Wave]:
        """All waves, the one that opens last first."""
        order = (WaveRow.opens_at.desc(), WaveRow.number.desc())
        with self._database.reading("reading the survey waves") as session:
            return [wave_of(row) for row in session.scalars(select(WaveRow).order_by(*order))]

    def wave(self, name: str) -> Wave:
        """The wave of a name."""
        with self._database.reading("reading the survey waves") as session:
            row = session.scalar(select(WaveRow).where(WaveRow.name == name))
        if row is None:
            raise UsageError(f"There is no wave {name!r}. `tribometer survey list` lists them.")
        return wave_of(row)

    def wave_numbered(self, number: int) -> Wave | None:
        """The wave of a number; None where it was deleted."""
        with self._database.reading("reading the survey waves") as session:
            row = session.get(WaveRow, number)
        return None if row is None else wave_of(row)

    def move(self, number: int, state: WaveState) -> None:
        """Note that a wave is open, closing, or closed now."""
        values: dict[str, object] = {"state": state}
        if state == "closed":
            values["closed_at"] = self._clock()
        with self._database.writing("moving a survey wave on") as session:
            session.execute(update(WaveRow).where(WaveRow.number == number).values(**values))

    def end_at(self, number: int, closes_at: datetime) -> None:
        """Change when a wave closes."""
        with self._database.writing("moving a survey wave's end") as session:
            session.execute(update(WaveRow).where(WaveRow.number == number).values(closes_at=closes_at))

    def promise(self, name: str, action: str) -> None:
        """Note what is promised to those who answered."""
        with self._database.writing("noting a promised action") as session:
            values = {"action": action, "action_at": self._clock()}
            if not session.execute(update(WaveRow).where(WaveRow.name == name).values(**values)).rowcount:  # type: ignore[attr-defined]
                raise UsageError(f"There is no wave {name!r}. `tribometer survey list` lists them.")

    def delete_wave(self, number: int) -> None:
        """Forget a wave with its invitations and messages."""
        with self._database.writing("deleting a survey wave") as session:
            row = session.get(WaveRow, number)
            if row is not None:
                session.delete(row)

    def invite(self, wave: int, people: Iterable[NewInvitation]) -> int:
        """Add invitations; who was invited already, or asked about that event, is left as they are. Count the new."""
        with self._database.writing("inviting people to a survey") as session:
            return self._add_all(session, wave, people)

    def _add_all(self, session: Session, wave: int, people: Iterable[NewInvitation]) -> int:
        made = {"wave": wave, "state": "waiting", "generation": 0, "created_at": self._clock(), "reminded": False}
        return sum(insert_once(session, InvitationRow, {**new.__dict__, **made}) for new in people)

    def invitation(self, number: int) -> Invitation | None:
        """One invitation; None where there is none."""
        with self._database.reading("reading an invitation") as session:
            row = session.get(InvitationRow, number)
        return None if row is None else invitation_of(row)

    def invitations(self, wave: int, *states: InvitationState) -> list[Invitation]:
        """The invitations of a wave, of all states unless some are named, by number."""
        query = select(InvitationRow).where(InvitationRow.wave == wave).order_by(InvitationRow.number)
        if states:
            query = query.where(InvitationRow.state.in_(states))
        with self._database.reading("reading invitations") as session:
            return [invitation_of(row) for row in session.scalars(query)]

    def last_asked(self, since: datetime) -> dict[str, list[datetime]]:
        """When each person was invited to any survey since then, ascending; what is planned for later counts."""
        at = func.coalesce(InvitationRow.first_sent_at, InvitationRow.opens_at)
        query = (
            select(InvitationRow.person, at)
            .where(at >= since, InvitationRow.state.not_in(LOST), ~NEVER_ASKED)
            .order_by(InvitationRow.person, at)
        )
        with self._database.reading("reading invitations") as session:
            rows = session.execute(query).all()
        return {person: [each for _, each in found] for person, found in groupby(rows, key=itemgetter(0))}

    def written_to(self, person: str, since: datetime) -> list[datetime]:
        """When somebody was first written to for each survey, of those since then, ascending."""
        query = select(InvitationRow.first_sent_at).where(
            InvitationRow.person == person, InvitationRow.first_sent_at >= since
        )
        with self._database.reading("reading invitations") as session:
            return sorted(at for at in session.scalars(query) if at is not None)

    def asked_about(self, wave: int) -> set[str]:
        """The keys of the events that somebody was asked about; none any more once the wave is closed."""
        query = select(InvitationRow.event_key).where(InvitationRow.wave == wave)
        with self._database.reading("reading invitations") as session:
            return set(session.scalars(query))

    def set_state(self, number: int, state: InvitationState, problem: str | None = None) -> None:
        """Note what became of an invitation."""
        with self._database.writing("noting an invitation's state") as session:
            session.execute(
                update(InvitationRow).where(InvitationRow.number == number).values(state=state, problem=problem)
            )

    def revoke(self, number: int) -> None:
        """Take an invitation back: its links are dead from now on."""
        with self._database.writing("revoking an invitation") as session:
            row = session.get(InvitationRow, number)
            if row is None:
                raise UsageError(f"There is no invitation {number}.")
            row.state, row.generation = "revoked", row.generation + 1

    def keys(self, number: int) -> Keys | None:
        """The keys of an invitation's response, drawn at the first call; None where its wave is no longer open.

        ``respondent`` is the same for all invitations of one person to the wave.
        """
        with self._database.writing("opening a survey form") as session:
            row = session.get(InvitationRow, number)
            wave = None if row is None else session.get(WaveRow, row.wave)
            if row is None or wave is None or wave.state != "open":
                return None
            row.response = row.response or secrets.token_hex(16)
            row.comment = row.comment or secrets.token_hex(16)
            first = session.scalar(
                select(InvitationRow.response)
                .where(InvitationRow.wave == row.wave, InvitationRow.person == row.person)
                .where(InvitationRow.response.is_not(None))
                .order_by(InvitationRow.number)
                .limit(1)
            )
            return Keys(row.response, row.comment, first or row.response)

    def counts(self, wave: int) -> list[TeamCount]:
        """How many people of each team and tenure were invited, and how many invitations are in which state.

        Revoked ones do not count as invited, nor those whom nothing reached, or whose turn never came.
        """
        reached = func.count(func.distinct(InvitationRow.person)).filter(InvitationRow.state.not_in(LOST), ~NEVER_ASKED)
        group = (InvitationRow.team, InvitationRow.tenure)
        with self._database.reading("counting invitations") as session:
            people = session.execute(select(*group, reached).where(InvitationRow.wave == wave).group_by(*group)).all()
            states = session.execute(
                select(*group, InvitationRow.state, func.count())
                .where(InvitationRow.wave == wave)
                .group_by(*group, InvitationRow.state)
            ).all()
        return [
            TeamCount(team, tenure, n, {state: k for t, u, state, k in states if (t, u) == (team, tenure)})
            for team, tenure, n in people
        ]

    def expire_unasked(self, wave: int) -> None:
        """Note that the turn of those who were not written to yet will not come: the wave ends."""
        with self._database.writing("closing a survey wave") as session:
            session.execute(
                update(InvitationRow)
                .where(InvitationRow.wave == wave, InvitationRow.state == "waiting", UNWRITTEN)
                .values(state="expired")
            )

    def unlink(self, wave: int) -> None:
        """Drop whatever leads from the invitations of a wave to answers or to a mailbox: it is being closed.

        Afterwards nothing differs between those who answered and those who did not.
        """
        mine = InvitationRow.wave == wave
        with self._database.writing("closing a survey wave") as session:
            # before the keys go: who has one was asked
            session.execute(
                update(InvitationRow).where(mine, InvitationRow.state.not_in(LOST), ~NEVER_ASKED).values(state="sent")
            )
            session.execute(
                update(InvitationRow)
                .where(mine)
                .values(response=None, comment=None, address=None, problem=None, event_class=None, reminded=False)
                .values(generation=InvitationRow.generation + 1, event_key=cast(InvitationRow.number, String))
            )
            messages = MessageRow.invitation.in_(select(InvitationRow.number).where(mine))
            # who was not reminded had answered by then
            session.execute(delete(MessageRow).where(messages, MessageRow.kind != FIRST))
            session.execute(update(MessageRow).where(messages).values(reference=None, problem=None))
            session.execute(update(MessageRow).where(messages, MessageRow.state == "waiting").values(state="dropped"))

    def mark(self, name: str) -> str | None:
        """How far a trigger has looked; None where it never did."""
        with self._database.reading("reading a trigger's mark") as session:
            row = session.get(MarkRow, name)
        return None if row is None else row.value

    def set_mark(self, name: str, value: str) -> None:
        """Note how far a trigger has looked."""
        with self._database.writing("noting a trigger's mark") as session:
            session.merge(MarkRow(name=name, value=value))
