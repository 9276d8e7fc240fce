"""Whether a message is still wanted at the moment in which it would be handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tribometer.store.records.survey_records import FIRST

if TYPE_CHECKING:
    from datetime import datetime

    from tribometer.store.records.survey_records import Invitation, Message, Wave

Standing = Literal["wanted", "early", "needless"]
OPEN_INVITATIONS = frozenset({"waiting", "sent"})
"""Whoever answered, cannot be reached, was taken back or has expired gets no more."""


def standing(message: Message, invitation: Invitation, wave: Wave, now: datetime) -> Standing:
    """Tell whether a message goes out: ``early`` while its wave is not open, or a reminder overtook its invitation."""
    over = min(wave.closes_at, invitation.expires_at or wave.closes_at) <= now
    if over or invitation.state not in OPEN_INVITATIONS or wave.state not in {"planned", "open"}:
        return "needless"
    overtakes = message.kind != FIRST and invitation.first_sent_at is None
    return "early" if overtakes or wave.state == "planned" else "wanted"
