import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.base import NO_ETAGS, Cursor, Defaults, ETags, Page
from collectors.forge.facts import written_by_bot
from collectors.http.client import Client
from collectors.http.exchange import Request
from collectors.http.paging import LinkPages
from collectors.http.recording import recording, replaying
from collectors.http.server import Server
from collectors.http.stripping import Stripping
from collectors.people import handle
from collectors.sync import run
from event_samples import contents, same_key, without_random
from tribometer.errors import UsageError
from tribometer.events import Change
from tribometer.privacy import Pseudonyms
from tribometer.store import EventStore

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
CHANGES = [
    {
        "number": number,
        "title": f"change {number}",
        "body": "Sum it up\n\nReviewed-by: Dave Dee <dave@example.org>",
        "user": {"login": login, "id": 77, "type": "User", "avatar_url": f"https://x.org/u/{login}"},
        "created_at": "2026-01-01T00:00:00Z",
    }
    for number, login in enumerate(["dave", "dependabot[bot]", "eve"])
]


@dataclass(frozen=True)
class Forge(Defaults):
    """Reads changes from a server, one a page, up to its clock."""

    server: Server

    name = "gitlab:acme/shop"
    kind = "gitlab"
    reads = frozenset({"change"})
    personal = frozenset({"login", "email"})

    def position(self, cursor: Cursor) -> str:
        """Tell the page."""
        return str(cursor)

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield each page of the list."""
        del since, etags
        until = self.server.clock().isoformat()
        with Client(self.server) as client:
            for answer in client.pages(Request("/changes", {"until": until}), LinkPages(1)):
                events = [self._change(each) for each in answer.body]
                yield Page(events, {"page": answer.url}, requests=client.take_requests(), etags=answer.etags)

    def _change(self, raw: dict[str, object]) -> Change:
        user = raw["user"]
        assert isinstance(user, dict)
        author = handle("gitlab", user["login"])
        facts = {name: raw[name] for name in ("number", "title", "created_at")}
        about = {"source": self.name, "id": f"acme/shop!{raw['number']}", "repository": "acme/shop"}
        return Change.model_validate({**about, **facts, "author": author})


def answering(request: httpx.Request) -> httpx.Response:
    page = int(request.url.params.get("page", 1))
    query = f"until={request.url.params['until'].replace('+', '%2B')}&page={page + 1}&per_page=1"
    link = f'<https://forge.example.org/changes?{query}>; rel="next"'
    headers = {"link": link} if page < len(CHANGES) else {}
    return httpx.Response(200, json=[CHANGES[page - 1]], headers={**headers, "etag": f'"{page}"'})


def forge(clock: Callable[[], datetime] = lambda: NOON) -> Forge:
    server = Server("gitlab:acme/shop", "https://forge.example.org", clock=clock)
    return Forge(replace(server, transport=lambda: httpx.MockTransport(answering)))


def refusing(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"a replay asked the server for {request.url}")


def collected(store: EventStore, collector: Forge) -> int:
    summary = run(collector, store, full=True)
    assert summary.error is None
    return summary.new


def test_a_replay_under_any_key_lands_what_the_recorded_collection_landed_without_the_server(tmp_path: Path) -> None:
    file = tmp_path / "forge.jsonl"
    with EventStore.open(tmp_path / "live") as store:
        with recording(forge(), file, store.pseudonyms) as recorded:
            assert collected(store, recorded) == 3
        live = contents(store)
    same_key(tmp_path / "live", tmp_path / "again")
    later = forge(lambda: NOON + timedelta(days=9))
    offline = replace(later, server=replace(later.server, transport=lambda: httpx.MockTransport(refusing)))
    for folder in ("again", "under another key"):
        with EventStore.open(tmp_path / folder) as store:
            assert collected(store, replaying(offline, file)) == 3
            assert contents(store)["changes"] == live["changes"]


def test_a_recording_names_no_person_and_keeps_who_is_a_bot(tmp_path: Path) -> None:
    file = tmp_path / "forge.jsonl"
    with EventStore.open(tmp_path / "live") as store, recording(forge(), file, store.pseudonyms) as recorded:
        collected(store, recorded)
    text = file.read_text()
    names = ("dave", "Dave", "Dee", "eve", 'example.org"', "77")
    assert not [name for name in names if name in without_random(text)]
    assert [json.loads(line)["json"][0]["user"]["login"][28:] for line in text.splitlines()[1:]] == ["", "[bot]", ""]
    first = json.loads(text.splitlines()[1])
    assert (first["method"], first["path"], first["status"]) == ("GET", "/changes", 200)


LOGINS = ["dave", "dependabot[bot]", "renovate", "shop-bot", "project_7_bot_x1", "ci-runner", "gitlab:ann", "a@x.org"]


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("bots", [("*[bot]", "project_*_bot*"), ("ci-*", "shop-bot"), ()])
def test_a_recorded_login_is_the_same_person_or_bot_under_any_key(login: str, bots: tuple[str, ...]) -> None:
    here, there = (Pseudonyms(key * 32, bots) for key in (b"0", b"1"))
    recorded = Stripping("gitlab", frozenset({"login"}), here).stripped({"login": login})["login"]
    live, again = handle("gitlab", login), handle("gitlab", recorded)
    assert live
    assert again
    assert there.of(again) == here.of(live)
    assert there.likeness(again) is None
    assert there.is_bot(again) is here.is_bot(live)
    assert written_by_bot(recorded) == written_by_bot(login)


def test_an_app_that_is_asked_for_by_another_name_is_recorded_as_its_login() -> None:
    people = Pseudonyms(b"0" * 32)
    strip = Stripping("github", frozenset({"login"}), people)
    for app in ("dependabot", "dependabot[bot]"):
        assert strip.stripped({"bot": app}) == {"bot": f"{people.of('dependabot[bot]')}[bot]"}
    assert strip.stripped({"username": "x", "login": "ann", "bot": True}) == {"login": people.of("ann"), "bot": True}


def test_a_recording_mentions_nobody_in_titles_and_leaves_keys() -> None:
    people = Pseudonyms(b"0" * 32)
    answer = {
        "name": "deploy for @ann",
        "environment": {"name": "preview of @ann"},
        "path": "lib/@types/node",
        "jobs": [{"name": "build @acme/core v@v4", "steps": [{"name": "ask @ann"}]}],
        "labels": {"nodes": [{"name": "@urgent"}]},
    }
    told = json.dumps(Stripping("gitlab", frozenset({"login"}), people).stripped(answer))
    assert told == json.dumps(answer).replace("@ann", f"@{people.of('ann')}")
    services = {"services": [{"name": "@shop", "teams": [{"name": "@pay"}]}]}
    assert Stripping("pagerduty", frozenset({"email"}), people, titled=False).stripped(services) == services


def test_secrets_are_left_out_of_a_recording_and_tokens_of_the_next_page_stay() -> None:
    strip = Stripping("circleci", frozenset({"login"}), Pseudonyms(b"0" * 32))
    kept = strip.stripped({"next_page_token": "abc", "env": {"AWS_SECRET_KEY": "x"}, "access_token": "y", "n": [1]})
    assert kept == {"next_page_token": "abc", "env": {"AWS_SECRET_KEY": "***"}, "access_token": "***", "n": [1]}


def test_a_key_can_be_personal_within_some_objects_only() -> None:
    strip = Stripping("github", frozenset({"author.name"}), Pseudonyms(b"0" * 32))
    kept = strip.stripped({"name": "build", "author": {"name": "Dave", "date": "2026-01-01"}})
    assert (kept["name"], kept["author"]["date"]) == ("build", "2026-01-01")
    assert kept["author"]["name"].startswith("p_")


@given(st.text("abcdefABCDEF0123456789", min_size=36, max_size=40))
def test_no_secret_in_an_answer_is_recorded(secret: str) -> None:
    strip = Stripping("gitlab", frozenset({"username", "note@"}), Pseudonyms(b"0" * 32))
    url = f"https://ann:{secret}@x.org/a?private_token={secret}#access_token={secret}"
    texts = [f"glpat-{secret}", f"see {url}", f"token={secret}", f"Authorization: Bearer {secret}"]
    keys = ["title", "body", "note", "name", "web_url", "next_url", "source_branch", "any"]
    answer = [{key: text, "list": [text, {key: [text]}]} for key in keys for text in [*texts, url]]
    assert secret not in json.dumps(strip.stripped(answer))
    assert not [text for text in [*texts, url] if secret in strip.file(text, "/x.yml")]


def test_what_is_followed_or_told_apart_stays_in_a_recording() -> None:
    strip = Stripping("gitlab", frozenset({"username"}), Pseudonyms(b"0" * 32))
    answer = {
        "next_url": "https://x.org/a?page=2&cursor=abc",
        "name": "https://x.org/a?job=2",
        "default_branch": "ann/main",
        "labels": [{"title": "@urgent"}],
    }
    assert strip.stripped(answer) == answer


def test_a_recording_mentions_nobody_in_prose_branches_and_owners_of_code() -> None:
    people = Pseudonyms(b"0" * 32)
    strip = Stripping("github", frozenset({"login"}), people)
    ann = people.of("ann")
    told = strip.stripped({"title": "@ann: x", "head": {"ref": "ann/x"}, "head_branch": "ann/x"})
    assert told == {"title": f"@{ann}: x", "head": {"ref": f"{ann}/x"}, "head_branch": f"{ann}/x"}
    assert strip.file("* @ann @acme/core\n", "/raw/CODEOWNERS") == f"* @{ann} @acme/core\n"


def test_a_question_with_a_secret_is_recorded_without_it_and_answered_again(tmp_path: Path) -> None:
    def asked(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[], headers={"link": '<https://x.org/a?private_token=s1&page=2>; rel="next"'})

    server = replace(forge().server, transport=lambda: httpx.MockTransport(asked))
    file = tmp_path / "file"
    address = "https://forge.example.org/a?private_token=s1"
    with recording(Forge(server), file, Pseudonyms(b"0" * 32)) as recorded:
        asking = recorded.server.transport
        assert asking is not None
        asking().handle_request(httpx.Request("POST", address, json={"password": "s1", "n": 1}))
    assert "s1" not in file.read_text()
    replayed = replaying(Forge(server), file).server.transport
    assert replayed is not None
    assert replayed().handle_request(httpx.Request("POST", address, json={"password": "s2", "n": 1})).status_code == 200


def test_a_question_the_recording_does_not_hold_says_so(tmp_path: Path) -> None:
    file = tmp_path / "forge.jsonl"
    with EventStore.open(tmp_path / "live") as store:
        with recording(forge(), file, store.pseudonyms) as recorded:
            collected(store, recorded)
        file.write_text(file.read_text().splitlines()[0] + "\n")
        with pytest.raises(UsageError, match="the recording has no answer to GET /changes"):
            run(replaying(forge(), file), store, full=True)


@pytest.mark.parametrize("text", ["", "junk", "[]", '{"format": "other"}'])
def test_a_file_that_is_no_recording_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text(text)
    with pytest.raises(UsageError, match="is no recording"):
        replaying(forge(), file)


def test_a_recording_of_another_source_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text(json.dumps({"format": "tribometer-recording-1", "source": "gitlab:other"}))
    with pytest.raises(UsageError, match="of gitlab:other, not of gitlab:acme/shop"):
        replaying(forge(), file)


def test_a_recording_never_overwrites_a_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UsageError, match="Name a new folder"), recording(forge(), file, Pseudonyms(b"0" * 32)):
        pass
