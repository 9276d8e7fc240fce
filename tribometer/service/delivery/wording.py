"""What invitations and reminders say, in English and German; what is never said is who answered.

Every text works alone: plain text needs no HTML, and no image, script or counter is loaded from anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from html import escape
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tribometer.service.delivery.texts import DAYS, MONTHS, TEXTS
from tribometer.store.records.survey_records import FIRST

if TYPE_CHECKING:
    from datetime import datetime

    from surveys.instrument import Text

FALLBACK = "en"


@dataclass(frozen=True)
class Invite:
    """What one message tells. ``link`` is personal, ``until`` aware; ``reminders`` may follow the invitation at most.

    ``place`` is the organisation, by the domain that it is known by; ``kind`` is ``invitation`` or ``reminder-N``.
    """

    title: Text
    about: Text
    minutes: int
    link: str = field(repr=False)
    until: datetime
    timezone: str
    language: str
    minimum: int
    reminders: int
    place: str
    kind: str = FIRST

    @property
    def reminders_left(self) -> int:
        """How many reminders may follow this message."""
        number = self.kind.rpartition("-")[2] if self.kind != FIRST else "0"
        return max(0, self.reminders - int(number))


@dataclass(frozen=True)
class Note:
    """What a channel of many is told: that a survey is open, and that the links come to each person by mail."""

    title: Text
    minutes: int
    until: datetime
    minimum: int
    place: str
    language: str = FALLBACK
    kind: str = FIRST


@dataclass(frozen=True)
class Letter:
    """An e-mail's texts."""

    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


def letter(invite: Invite) -> Letter:
    """Word an e-mail."""
    words, facts = _words(invite.language), _facts(invite)
    before, after = _paragraphs(invite, words, facts)
    subject = words["subject" if invite.kind == FIRST else "reminder_subject"].format(**facts)
    text = "\n\n".join([*before, f"{words['link']}\n{invite.link}", *after]) + "\n"
    return Letter(_line(subject), text, _html(words, invite, before, after))


def slack_text(invite: Invite) -> str:
    """Word a direct message in Slack's mrkdwn."""
    words, facts = _words(invite.language), _facts(invite)
    before, after = _paragraphs(invite, words, facts)
    linked = f"<{mrkdwn(invite.link)}|{mrkdwn(words['open'])}>"
    return "\n\n".join([*map(mrkdwn, before), linked, *map(mrkdwn, after)])


def slack_note(note: Note) -> str:
    """Word a note to a Slack channel; it holds no link, for whoever followed it would answer as somebody else."""
    return "\n\n".join(map(mrkdwn, _note(note)))


def teams_card(note: Note) -> dict[str, Any]:
    """Word a note to a Teams channel as an adaptive card, in the envelope that incoming webhooks and workflows take."""
    first, *others = _note(note)
    blocks = [{"type": "TextBlock", "text": markdown(text), "wrap": True} for text in (first, *others)]
    blocks[0]["weight"] = "Bolder"
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }


def mrkdwn(text: str) -> str:
    """Escape what Slack would read as a mention, a link or a channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def markdown(text: str) -> str:
    """Escape what an adaptive card would read as a link or as emphasis."""
    return "".join(f"\\{letter}" if letter in "\\*_[]()`#" else letter for letter in text)


def moment(at: datetime, zone: str, language: str) -> str:
    """A time by somebody's clock: ``Monday 30 November 2026, 17:00 (Europe/Berlin)``; German in German."""
    local, known = at.astimezone(_zone(zone)), _known(language)
    day, month = DAYS[known][local.weekday()], MONTHS[known][local.month - 1]
    values = {"day": day, "number": local.day, "month": month, "year": local.year, "time": f"{local:%H:%M}"}
    return TEXTS[known]["moment"].format(**values, zone=local.tzinfo)


def _zone(name: str) -> Any:  # noqa: ANN401 - a ZoneInfo, or UTC for a name that nobody knows
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return UTC


def _known(language: str) -> str:
    short = language.partition("-")[0].casefold()
    return short if short in TEXTS else FALLBACK


def _words(language: str) -> dict[str, str]:
    return TEXTS[_known(language)]


def _said(text: Text, language: str) -> str:
    return _line(text.get(_known(language)) or text[FALLBACK])


def _facts(invite: Invite) -> dict[str, object]:
    words = _words(invite.language)
    return {
        "title": _said(invite.title, invite.language),
        "about": _said(invite.about, invite.language),
        "place": invite.place,
        "minutes": _minutes(words, invite.minutes),
        "until": moment(invite.until, invite.timezone, invite.language),
        "minimum": invite.minimum,
        "left": invite.reminders_left,
    }


def _minutes(words: dict[str, str], minutes: int) -> str:
    return words["minute"] if minutes == 1 else words["minutes"].format(minutes=minutes)


def _paragraphs(invite: Invite, words: dict[str, str], facts: dict[str, object]) -> tuple[list[str], list[str]]:
    """What stands before the link and what behind it."""
    opening = "intro" if invite.kind == FIRST else "reminder_intro"
    ending = {0: "no_reminder", 1: "one_reminder"}.get(invite.reminders_left, "reminders")
    behind = ("until", "personal", "privacy", ending)
    return [words[opening].format(**facts)], [words[name].format(**facts) for name in behind]


def _note(note: Note) -> list[str]:
    words = _words(note.language)
    facts = {
        "title": _said(note.title, note.language),
        "place": note.place,
        "minutes": _minutes(words, note.minutes),
        "until": moment(note.until, "UTC", note.language),
        "minimum": note.minimum,
    }
    names = ("note" if note.kind == FIRST else "reminder_note", "note_link", "privacy")
    return [words[name].format(**facts) for name in names]


def _html(words: dict[str, str], invite: Invite, before: list[str], after: list[str]) -> str:
    shown = escape(invite.link)
    linked = f'<p><a href="{shown}">{escape(words["open"])}</a><br>{shown}</p>'
    body = [*(f"<p>{escape(text)}</p>" for text in before), linked, *(f"<p>{escape(text)}</p>" for text in after)]
    lines = "\n".join(body)
    head = '<head><meta charset="utf-8"></head>'
    return f'<!DOCTYPE html>\n<html lang="{_known(invite.language)}">{head}\n<body>\n{lines}\n</body></html>\n'


def _line(text: str) -> str:
    """One line: a header takes no other."""
    return " ".join(text.split())
