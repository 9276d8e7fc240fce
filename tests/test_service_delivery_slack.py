import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from loopback import Raw, Told, cut_in_the_body, limit, script, serving, zeros
from survey_mailing import CLOSES, MONDAY, Clock, opened_records, outgoing
from tribometer.service.delivery.notes import announce
from tribometer.service.delivery.sending import Outcome, Outgoing
from tribometer.service.delivery.slack import SlackBot
from tribometer.service.delivery.wording import Note
from tribometer.settings.surveys import Chat, SurveySettings

Answer = httpx.Response | Exception
TOKEN = "xoxb-not-a-real-one"  # noqa: S105 - no secret opens anything with it
USER = {"ok": True, "user": {"id": "U1"}}
CHANNEL = {"ok": True, "channel": {"id": "D1"}}
POSTED = {"ok": True, "ts": "1.2"}
NOTE = Note({"en": "Pulse"}, 2, CLOSES, 5, "example.org")


class Slack:
    """Answers like Slack, by method; ``calls`` are the methods with what they were given."""

    def __init__(self, **answers: list[Answer]) -> None:
        self.answers = answers
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.tokens: set[str] = set()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Give the next answer of the method asked, or the usual one."""
        method = request.url.path.rpartition("/")[2]
        form = request.headers["content-type"].startswith("application/x-www-form-urlencoded")
        text = request.content.decode()
        given = {name: values[0] for name, values in parse_qs(text).items()} if form else json.loads(text)
        self.calls.append((method, given))
        self.tokens.add(request.headers["authorization"])
        usual = {"users.lookupByEmail": USER, "conversations.open": CHANNEL, "chat.postMessage": POSTED}
        left = self.answers.get(method.replace(".", "_"), [])
        answer = left.pop(0) if left else httpx.Response(200, json=usual[method])
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def methods(self) -> list[str]:
        """What was called, in order."""
        return [method for method, _ in self.calls]


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_TOKEN", TOKEN)
    monkeypatch.setenv("WEBHOOK", "https://hooks.example.org/services/T0/B0/very-secret")


def bot(slack: Slack) -> SlackBot:
    return SlackBot(Chat(token={"env": "SLACK_TOKEN"}), httpx.MockTransport(slack))


def written(slack: Slack, *batch: Outgoing) -> list[Outcome]:
    return list(bot(slack).send(batch or (outgoing(),)))


def refusal(code: str) -> list[Answer]:
    return [httpx.Response(200, json={"ok": False, "error": code})]


def hooks(**channels: Any) -> SurveySettings:
    return SurveySettings(**{name: Chat(webhook={"env": "WEBHOOK"}) for name in channels})


def test_somebody_known_by_mail_is_looked_up_and_written_to_directly() -> None:
    slack = Slack()
    [outcome] = written(slack)
    assert (outcome.result, outcome.reference) == ("sent", "1.2")
    assert slack.calls[0] == ("users.lookupByEmail", {"email": "ann@example.org"})
    assert slack.calls[1] == ("conversations.open", {"users": "U1"})
    method, given = slack.calls[2]
    assert (method, given["channel"]) == ("chat.postMessage", "D1")
    assert "https://tribometer.example.org/s/the-token" in given["text"]
    assert given["unfurl_links"] is False
    assert slack.tokens == {f"Bearer {TOKEN}"}


def test_a_member_id_is_not_looked_up() -> None:
    slack = Slack()
    written(slack, outgoing("U0123"))
    assert slack.methods == ["conversations.open", "chat.postMessage"]


@pytest.mark.parametrize("method", ["users_lookupByEmail", "conversations_open", "chat_postMessage"])
def test_a_limit_rests_the_channel_as_long_as_slack_says_and_takes_nothing_more(method: str) -> None:
    answers: dict[str, list[Answer]] = {
        method: [httpx.Response(429, headers={"retry-after": "7"}, json={"error": "ratelimited"})]
    }
    slack = Slack(**answers)
    outcomes = written(slack, outgoing(), outgoing(number=2))
    assert [each.result for each in outcomes] == ["rest"]
    assert outcomes[0].after == timedelta(seconds=7)


@pytest.mark.parametrize("said", ["soon", "-5", "99999999999999999999", "\u0661"])
def test_a_senseless_wait_is_none_or_bounded(said: str) -> None:
    headers = [(b"retry-after", said.encode())]
    [outcome] = written(Slack(chat_postMessage=[httpx.Response(429, headers=headers, json={})]))
    assert outcome.after is not None
    assert timedelta(0) < outcome.after <= timedelta(hours=1)


@pytest.mark.parametrize("code", ["users_not_found", "user_disabled", "cannot_dm_bot"])
def test_whom_slack_does_not_know_bounces_with_the_fix(code: str) -> None:
    [outcome] = written(Slack(users_lookupByEmail=refusal(code)))
    assert outcome.result == "bounced"
    assert code in outcome.problem
    assert "column `slack`" in outcome.problem


def test_what_slack_refuses_for_good_fails_with_the_fix_and_the_others_get_theirs() -> None:
    slack = Slack(chat_postMessage=refusal("not_in_channel"))
    first, second = written(slack, outgoing(), outgoing(number=2))
    assert (first.result, second.result) == ("failed", "sent")
    assert "Invite the bot" in first.problem


@pytest.mark.parametrize(("code", "fix"), [("missing_scope", "users:read.email"), ("invalid_auth", "bot token")])
def test_a_token_that_does_not_do_rests_the_channel_and_is_not_repeated(code: str, fix: str) -> None:
    [outcome] = written(Slack(users_lookupByEmail=refusal(code)), outgoing(), outgoing(number=2))
    assert outcome.result == "rest"
    assert fix in outcome.problem
    assert TOKEN not in outcome.problem


@pytest.mark.parametrize("answer", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.Response(503)])
def test_what_was_surely_not_taken_is_tried_again(answer: Answer) -> None:
    [outcome] = written(Slack(chat_postMessage=[answer]))
    assert outcome.result == "later"


@pytest.mark.parametrize(
    "answer",
    [httpx.ReadTimeout("x"), httpx.ReadError("x"), httpx.Response(504), *refusal("internal_error")],
)
def test_a_message_of_which_nobody_knows_whether_it_was_taken_is_unsure(answer: Answer) -> None:
    assert [each.result for each in written(Slack(chat_postMessage=[answer]))] == ["unsure"]


@pytest.mark.parametrize(
    "answer", [httpx.ReadTimeout("x"), httpx.Response(504), httpx.Response(500), *refusal("internal_error")]
)
def test_a_look_up_without_an_answer_is_tried_again(answer: Answer) -> None:
    assert [each.result for each in written(Slack(users_lookupByEmail=[answer]))] == ["later"]


def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else() -> None:
    moved = httpx.Response(302, headers={"location": "https://evil.example/api"})
    slack = Slack(users_lookupByEmail=[moved])
    [outcome] = written(slack)
    assert outcome.result == "rest"
    assert slack.methods == ["users.lookupByEmail"]


def test_a_token_never_goes_to_another_machine_unprotected() -> None:
    slack = Slack()
    chat = Chat(token={"env": "SLACK_TOKEN"}, url="http://slack.example.org/api")
    [outcome] = SlackBot(chat, httpx.MockTransport(slack)).send([outgoing()])
    assert outcome.result == "rest"
    assert slack.calls == []


def test_what_can_be_no_token_is_told_and_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_TOKEN", "xoxb-schlüssel")
    slack = Slack()
    [outcome] = written(slack)
    assert (outcome.result, slack.calls) == ("rest", [])
    assert "schlüssel" not in outcome.problem


def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    with serving(script(zeros(8 << 20))) as server:
        [outcome] = SlackBot(Chat(token={"env": "SLACK_TOKEN"}, url=server.url)).send([outgoing("U1")])
    assert outcome.result == "later"


@pytest.mark.parametrize("reply", [cut_in_the_body(), Told(b"<html>"), Told([1])])
def test_what_is_no_slack_answer_never_counts_as_sent(reply: Raw | Told) -> None:
    with serving(script(Told(CHANNEL), reply)) as server:
        [outcome] = SlackBot(Chat(token={"env": "SLACK_TOKEN"}, url=server.url)).send([outgoing("U1")])
    assert outcome.result in {"unsure", "failed"}


def test_over_a_real_connection_a_limit_is_told_and_then_the_message_is_taken() -> None:
    with serving(script(limit(retry_after=3), Told(CHANNEL), Told(POSTED))) as server:
        sender = SlackBot(Chat(token={"env": "SLACK_TOKEN"}, url=server.url))
        [limited] = sender.send([outgoing("U1")])
        [sent] = sender.send([outgoing("U1")])
    assert (limited.result, limited.after, sent.result) == ("rest", timedelta(seconds=3), "sent")


def test_no_log_line_tells_an_address_a_link_or_a_webhook(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    written(Slack())
    store = opened_records(tmp_path, Clock())
    taking = httpx.MockTransport(lambda _: httpx.Response(200))
    announce(store.surveys, hooks(slack=True), "w1", NOTE, taking)
    store.close()
    assert not [each for each in caplog.records if "example.org" in each.getMessage()]


def test_a_webhook_tells_its_channel_once_for_each_wave_and_holds_no_link(tmp_path: Path) -> None:
    asked: list[dict[str, Any]] = []

    def take(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        return httpx.Response(202)

    store = opened_records(tmp_path, Clock(MONDAY))
    settings, taking = hooks(slack=True, teams=True), httpx.MockTransport(take)
    first = announce(store.surveys, settings, "w1", NOTE, taking)
    again = announce(store.surveys, settings, "w1", NOTE, taking)
    other = announce(store.surveys, settings, "w2", NOTE, taking)
    store.close()
    assert [(each.channel, each.problem) for each in first] == [("slack", ""), ("teams", "")]
    assert (again, len(other), len(asked)) == ([], 2, 4)
    assert asked[1]["attachments"][0]["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert "/s/" not in json.dumps(asked)


@pytest.mark.parametrize("answer", [httpx.Response(404), httpx.ReadTimeout("x"), httpx.ConnectError("x")])
def test_a_note_that_was_not_taken_is_told_without_the_webhooks_address_and_not_repeated(
    answer: httpx.Response | Exception, tmp_path: Path
) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    store = opened_records(tmp_path, Clock())
    [told] = announce(store.surveys, hooks(teams=True), "w1", NOTE, httpx.MockTransport(refuse))
    again = announce(store.surveys, hooks(teams=True), "w1", NOTE, httpx.MockTransport(refuse))
    store.close()
    assert "surveys.teams.webhook" in told.problem
    assert "very-secret" not in told.problem
    assert again == []
