"""Notes to a chat channel by an incoming webhook: a survey is open, look for the link in your mail.

A webhook cannot address a person, and whoever followed a personal link in a channel would answer as somebody else, so a
note never holds one. A note is marked before it is posted: after a crash it may be missing, never doubled.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tribometer.errors import SecretMissing
from tribometer.service.delivery.posting import NotPosted, Poster, Unanswered, protected
from tribometer.service.delivery.wording import slack_note, teams_card

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tribometer.service.delivery.wording import Note
    from tribometer.settings.surveys import Chat, SurveySettings
    from tribometer.store.records.surveys import Surveys


@dataclass(frozen=True)
class Posted:
    """What came of a note: ``problem`` is empty where it was taken."""

    channel: str
    problem: str = ""


def announce(
    surveys: Surveys,
    settings: SurveySettings,
    wave: str,
    note: Note,
    transport: httpx.BaseTransport | None = None,
) -> list[Posted]:
    """Post a note to every channel that has a webhook, once for each wave and kind; tell what came of it."""
    told = []
    for channel, chat in _webhooks(settings):
        mark = f"note/{channel}/{note.kind}/{wave}"
        if surveys.mark(mark) is None:
            surveys.set_mark(mark, "begun")
            problem = post_to(f"surveys.{channel}.webhook", chat, _body(channel, note), transport)
            surveys.set_mark(mark, "refused" if problem else "posted")
            told.append(Posted(channel, problem))
    return told


def _webhooks(settings: SurveySettings) -> Iterator[tuple[str, Chat]]:
    for channel, chat in (("slack", settings.slack), ("teams", settings.teams)):
        if chat is not None and chat.webhook is not None:
            yield channel, chat


def _body(channel: str, note: Note) -> dict[str, Any]:
    return {"text": slack_note(note)} if channel == "slack" else teams_card(note)


def post_to(key: str, chat: Chat, body: object, transport: httpx.BaseTransport | None = None) -> str:
    """Post once; return what is wrong in words, without the address, which is a secret."""
    try:
        url = chat.webhook.reveal(key) if chat.webhook else ""
    except SecretMissing as missing:
        return str(missing)
    if not protected(url):
        return f"{key} must hold an address that begins with https://"
    with Poster(transport) as poster:
        try:
            status = poster.post(url, body=body).status
        except (NotPosted, Unanswered) as error:
            return f"{key}: the note was not taken ({error}). Tell the channel by hand, or look there first"
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return ""
    return f"{key} answers {status}: the note was not taken. Make a new webhook, or tell the channel by hand"
