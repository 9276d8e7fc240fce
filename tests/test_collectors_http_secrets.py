"""Tokens go to the configured origin and nowhere else: no other host, no message, no log; and one can be replaced."""

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier

import pytest

from collectors.http.client import Client
from collectors.http.exchange import Request
from collectors.http.paging import LinkPages
from collectors.http.server import HeaderToken, Server
from loopback import Answering, Asked, Loopback, Reply, Time, Told, cut_in_the_body, limit, script, serving
from tribometer.errors import SecretMissing, SourceError, SourceGone
from tribometer.settings import Secret

SECRET = "ghp_0123456789abcdefghijABCDEFGHIJ012345"  # noqa: S105 - nobody's
FINE = Told([{"number": 1}])


@dataclass
class Place:
    """A client with a token in a file, its server, and another host that should never hear of it."""

    client: Client
    server: Loopback
    other: Loopback
    file: Path
    time: Time = field(default_factory=Time)


@contextmanager
def placed(
    folder: Path, answering: Answering, header: str = "authorization", form: str = "Bearer {}"
) -> Iterator[Place]:
    file = folder / "token"
    file.write_text(f"{SECRET}\n")
    time = Time()
    with ExitStack() as stack:
        server, other = stack.enter_context(serving(answering)), stack.enter_context(serving(script(FINE)))
        credential = HeaderToken(Secret(file=file), header=header, form=form)
        asked = Server("forge:acme", server.url, (credential,), clock=time.clock, sleep=time.sleep, timeout=5.0)
        yield Place(stack.enter_context(Client(asked)), server, other, file, time)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_origin_is_followed_and_its_etag_belongs_to_the_address_that_was_asked(
    status: int, tmp_path: Path
) -> None:
    def answering(asked: Asked) -> Reply:
        moved = Told(None, status, {"location": "/repositories/7?page=1"})
        return moved if asked.path == "/repos/acme/old" else Told([asked.query["page"]], headers={"etag": '"7"'})

    with placed(tmp_path, answering) as place:
        answer = place.client.get("/repos/acme/old", {"per_page": 1})
        assert answer.body == ["1"]
        assert dict(answer.etags) == {f"{place.server.url}/repos/acme/old?per_page=1": '"7"'}
        assert {asked.headers["authorization"] for asked in place.server.log} == {f"Bearer {SECRET}"}
        assert place.client.requests == 2


@pytest.mark.parametrize(
    "location",
    [
        "{other}/repos",
        "//{other_host}/repos",
        "https://{host}/repos",
        "http://user:word@{host}/repos",
        "http://localhost:{port}/repos",
        "http://{host}\\@evil.example/",
        "ftp://{host}/",
    ],
)
def test_a_redirect_to_another_origin_is_refused_and_nothing_is_sent_there(location: str, tmp_path: Path) -> None:
    with placed(tmp_path, script(FINE)) as place:
        host, other = place.server.url.removeprefix("http://"), place.other.url
        words = {"host": host, "other": other, "other_host": other.removeprefix("http://"), "port": host.split(":")[1]}
        place.server.answering = script(Told(None, 302, {"location": location.format(**words)}))
        with pytest.raises(SourceGone, match=r"redirects to another host|redirects to what is no address"):
            place.client.get("/repos")
        assert (len(place.server.log), place.other.log) == (1, [])


@pytest.mark.parametrize("location", ["http://[bad", "http://host:99999/"])
def test_a_redirect_to_nonsense_is_told(location: str, tmp_path: Path) -> None:
    nonsense = script(Told(None, 302, {"location": location}))
    with placed(tmp_path, nonsense) as place, pytest.raises(SourceGone, match="redirects to"):
        place.client.get("/repos")


def test_redirects_in_a_circle_end(tmp_path: Path) -> None:
    with placed(tmp_path, script(Told(None, 302, {"location": "/repos"}))) as place:
        with pytest.raises(SourceGone, match=r"redirects without end. Check `url`"):
            place.client.get("/repos")
        assert len(place.server.log) == 6


def test_a_next_link_to_another_host_is_asked_of_the_own_one(tmp_path: Path) -> None:
    with placed(tmp_path, script(FINE)) as place:
        link = f'<{place.other.url}/changes?page=2>; rel="next"'
        place.server.answering = lambda asked: Told(
            [asked.query.get("page")], headers={} if "page" in asked.query else {"link": link}
        )
        bodies = [answer.body for answer in place.client.pages(Request("/changes"), LinkPages())]
        assert (bodies, place.other.log) == ([[None], ["2"]], [])


@pytest.mark.parametrize(
    "reply",
    [
        Told({"message": f"Bad token {SECRET}"}, 401),
        Told({"message": f"{SECRET} may not"}, 403),
        Told({"message": "x" * 180 + SECRET}, 404),
        Told({"message": " ".join([SECRET] * 50)}, 422),
        Told({"message": SECRET}, 500),
        Told(SECRET.encode(), 400),
        Told(None, 302, {"location": f"http://evil.example/{SECRET}?token={SECRET}"}),
        limit(429, SECRET, retry_after=99999),
        cut_in_the_body(),
    ],
    ids=lambda reply: str(reply)[:60],
)
@pytest.mark.parametrize(("header", "form"), [("authorization", "Bearer {}"), ("private-token", "{}")])
def test_no_message_and_no_log_repeats_a_secret(
    reply: Reply, header: str, form: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ["", *logging.root.manager.loggerDict]:
        caplog.set_level(logging.DEBUG, name)
    with placed(tmp_path, script(reply), header, form) as place, pytest.raises(SourceError) as raised:
        place.client.get("/repos")
    assert place.server.log[0].headers[header] == form.format(SECRET)
    told = f"{raised.value!s} {raised.value!r} {raised.value.__cause__!r} {caplog.text}"
    assert "httpx" in caplog.text or "httpcore" in caplog.text
    assert SECRET[:12] not in told


def test_a_token_that_is_replaced_in_mid_run_is_read_again_and_nothing_is_lost(tmp_path: Path) -> None:
    def answering(asked: Asked) -> Reply:
        fresh = asked.headers["authorization"] == "Bearer fresh"
        if len(place.server.log) <= 2 or fresh:
            return Told([len(place.server.log)])
        place.file.write_text("fresh\n")
        return Told({"message": "Bad credentials"}, 401)

    with placed(tmp_path, answering) as place:
        assert [place.client.get("/changes").body for _ in range(4)] == [[1], [2], [4], [5]]
        assert place.time.slept == []


def test_threads_that_were_all_refused_the_old_token_all_go_on_with_the_new_one(tmp_path: Path) -> None:
    refused = Barrier(4, timeout=10)

    def answering(asked: Asked) -> Reply:
        if asked.headers["authorization"] == "Bearer fresh":
            return FINE
        if refused.wait() == 0:
            place.file.write_text("fresh")
        refused.wait()
        return Told(None, 401)

    with placed(tmp_path, answering) as place:
        answers = list(place.client.each(Request(f"/changes/{number}") for number in range(4)))
        assert [answer.body for answer in answers] == [FINE.body] * 4


def test_a_token_that_expires_and_is_not_replaced_is_told_with_its_place(tmp_path: Path) -> None:
    with placed(tmp_path, script(FINE, Told({"message": "Bad credentials"}, 401))) as place:
        place.client.get("/changes")
        with pytest.raises(
            SourceGone, match=r"\(Bad credentials\). It is wrong or has expired: put a new one where `tok"
        ):
            place.client.get("/changes")
        assert len(place.server.log) == 2


def test_a_token_whose_file_has_gone_is_told_as_expired(tmp_path: Path) -> None:
    with placed(tmp_path, script(Told(None, 401))) as place:
        place.file.unlink()
        with pytest.raises(SourceGone, match="has expired"):
            place.client.get("/changes")


def test_the_old_token_is_still_a_secret_when_there_is_a_new_one(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first-token")
    credential = HeaderToken(Secret(file=file))
    file.write_text("second-token")
    assert (credential.renewed(), credential.renewed()) == (True, False)
    assert credential.secrets == {"first-token", "second-token"}


@pytest.mark.parametrize("text", ["two\nlines", "tab\there", "Passwört"])
def test_a_token_that_cannot_be_sent_is_refused_with_its_place_and_not_repeated(text: str, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(text)
    with pytest.raises(SecretMissing, match=f"file {os.fspath(file)}: token: .*Put nothing but the token") as raised:
        HeaderToken(Secret(file=file))
    assert text[:3] not in str(raised.value).replace(os.fspath(file), "")
