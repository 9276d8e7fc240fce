"""Slack: direct messages by a bot's token.

The bot needs the scopes ``chat:write``, ``im:write``, and ``users:read.email`` where people are known by e-mail. An
incoming webhook writes to one channel and cannot address a person: see `notes`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tribometer.errors import SecretMissing
from tribometer.service.delivery.posting import SHORT_REST, NotPosted, Poster, Reply, Unanswered, protected
from tribometer.service.delivery.sending import RECHECK, Outcome, Outgoing, Result
from tribometer.service.delivery.wording import slack_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import timedelta

    import httpx

    from tribometer.settings.surveys import Chat

CODE = re.compile(r"[a-z0-9_]{1,60}")
SCOPES = "Give the bot the scopes chat:write, im:write and users:read.email, and install it again"
REPLACE = "Check the bot token that surveys.slack.token names"
COLUMN = "Put the member id into the column `slack` of the address book, or reach them by e-mail"
REST = {
    "missing_scope": SCOPES,
    "not_allowed_token_type": "surveys.slack.token must be a bot's token (xoxb-)",
    **dict.fromkeys(("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"), REPLACE),
    **dict.fromkeys(("access_denied", "no_permission", "ekm_access_denied", "org_login_required"), REPLACE),
}
NOBODY = dict.fromkeys(
    ("users_not_found", "user_not_found", "user_disabled", "user_not_visible", "cannot_dm_bot", "invalid_user"), COLUMN
)
REFUSED = {
    "not_in_channel": "Invite the bot into that channel, or name a member id instead",
    "channel_not_found": COLUMN,
    "is_archived": COLUMN,
    "restricted_action": "Ask the workspace's administrators to let the bot write direct messages",
}
LATER = frozenset({"service_unavailable", "request_timeout", "team_added_to_org", "internal_error", "fatal_error"})
PERHAPS = frozenset({"internal_error", "fatal_error"})
"""After these some part may have been done already, says Slack's reference."""
PERHAPS_STATUS = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
POST_MESSAGE = "chat.postMessage"


class _Refused(Exception):
    """A message, or the whole channel, cannot go on."""

    def __init__(self, result: Result, problem: str, after: timedelta | None = None) -> None:
        super().__init__(problem)
        self.result = result
        self.problem = problem
        self.after = after


@dataclass(frozen=True)
class SlackBot:
    """Writes to people by ``[surveys.slack] token``; ``transport`` is the seam for tests."""

    chat: Chat
    transport: httpx.BaseTransport | None = None

    def send(self, batch: Iterable[Outgoing]) -> Iterator[Outcome]:
        """Write one direct message after the other."""
        with Poster(self.transport) as poster:
            for outgoing in batch:
                outcome = self._sent(poster, outgoing)
                yield outcome
                if outcome.result in {"rest", "later"}:
                    return  # the others need not find out the same

    def _sent(self, poster: Poster, outgoing: Outgoing) -> Outcome:
        try:
            call = _Calls(poster, self.chat.url, self._token())
            channel = call.conversation(call.member(outgoing.address))
            told = {"channel": channel, "text": slack_text(outgoing.invite), "unfurl_links": False}
            said = call.ask(POST_MESSAGE, body={**told, "unfurl_media": False})
        except _Refused as refused:
            return Outcome(outgoing.message, refused.result, refused.problem, after=refused.after)
        return Outcome(outgoing.message, "sent", reference=str(said.get("ts", ""))[:40] or None)

    def _token(self) -> str:
        if not protected(self.chat.url):
            raise _Refused(
                "rest", "surveys.slack.url must begin with https://: the token would go unprotected", RECHECK
            )
        try:
            token = self.chat.token.reveal("surveys.slack.token") if self.chat.token else ""
        except SecretMissing as missing:
            raise _Refused("rest", str(missing), RECHECK) from None
        if not (token.isascii() and token.isprintable()):
            raise _Refused("rest", f"what stands there is no token. {REPLACE}", RECHECK)
        return token


@dataclass(frozen=True)
class _Calls:
    """Calls of Slack's Web API."""

    poster: Poster
    url: str
    token: str

    def member(self, address: str) -> str:
        """The id of who has an e-mail address; an id stays itself."""
        if "@" not in address:
            return address
        said = self.ask("users.lookupByEmail", form={"email": address})
        return _id_of(said, "user")

    def conversation(self, member: str) -> str:
        """The id of the direct messages with a member."""
        return _id_of(self.ask("conversations.open", body={"users": member}), "channel")

    def ask(self, method: str, *, body: object = None, form: dict[str, str] | None = None) -> dict[str, Any]:
        """Call a method; raise `_Refused` for every answer but ``ok``."""
        headers = {"authorization": f"Bearer {self.token}"}
        try:
            reply = self.poster.post(f"{self.url}/{method}", body=body, form=form, headers=headers)
        except NotPosted as error:
            raise _Refused("later", f"Slack cannot be reached: {error}") from None
        except Unanswered as error:
            raise _Refused(_perhaps(method), f"Slack broke off ({error})") from None
        return _judged(reply, method)


def _perhaps(method: str) -> Result:
    """Looking somebody up may be repeated, writing to them may not."""
    return "unsure" if method == POST_MESSAGE else "later"


def _judged(reply: Reply, method: str) -> dict[str, Any]:
    code = str(reply.body.get("error", ""))
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS or code == "ratelimited":
        raise _Refused("rest", "Slack limits how much is written at once", reply.wait or SHORT_REST)
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        result = _perhaps(method) if reply.status in PERHAPS_STATUS else "later"
        raise _Refused(result, f"Slack answers {reply.status}", reply.wait)
    if HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST:
        raise _Refused("rest", "surveys.slack.url redirects elsewhere. Set it to its new address", RECHECK)
    if reply.status >= HTTPStatus.BAD_REQUEST and not code:
        raise _Refused("rest", f"surveys.slack.url answers {reply.status}. Check it", RECHECK)
    if reply.body.get("ok") is True:
        return reply.body
    raise _refusal(code if CODE.fullmatch(code) else "no Slack answer", method)


def _refusal(code: str, method: str) -> _Refused:
    said = f"Slack refuses {method} ({code})"
    if code in REST:
        return _Refused("rest", f"{said}. {REST[code]}", RECHECK)
    if code in NOBODY:
        return _Refused("bounced", f"{said}: it knows nobody there who can be written to. {NOBODY[code]}")
    if code in LATER:
        return _Refused(_perhaps(method) if code in PERHAPS else "later", said)
    return _Refused("failed", f"{said}. {REFUSED.get(code, 'Slack lists what this means beside the method')}")


def _id_of(said: dict[str, Any], name: str) -> str:
    found = said.get(name)
    if isinstance(found, dict) and isinstance(found.get("id"), str):
        return str(found["id"])
    raise _Refused("later", f"Slack told no {name}")
