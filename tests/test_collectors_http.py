"""What the client does when a server misbehaves: it asks again, waits, or says what to do, and never for ever."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import repeat
from threading import Event
from typing import Any

import httpx
import pytest

from collectors.http.client import Client
from collectors.http.exchange import Request
from collectors.http.server import Server
from collectors.http.wire import proxy_of
from loopback import (
    Answering,
    Asked,
    Loopback,
    Raw,
    Reply,
    Time,
    Told,
    cut_in_the_body,
    cut_in_the_headers,
    cut_while_packed,
    cut_without_length,
    head,
    script,
    serving,
)
from tribometer.errors import SourceForbidden, SourceGone, SourceMissing, SourceUnavailable

FINE = Told([{"number": 1}])
TRIES = 5
BROKEN: dict[str, Reply] = {
    "500": Told(status=500),
    "502": Told("bad gateway", 502),
    "503": Told(b"<html>unavailable</html>", 503),
    "cut in the headers": cut_in_the_headers(),
    "cut in the body": cut_in_the_body(),
    "cut without a length": cut_without_length(),
    "cut while packed": cut_while_packed(),
    "silence": Raw(lambda: [b""]),
    "nonsense": Raw(lambda: [b"nonsense\r\n\r\n"]),
    "unknown packing": Raw(lambda: [head(content_encoding="br", content_length=3), b"abc"]),
    "wrong packing": Raw(lambda: [head(content_encoding="gzip", content_length=3), b"abc"]),
    "half of the JSON": Told(b'[{"number": '),
    "a page for people": Told(b"<html>please log in</html>"),
    "brackets": Told(b"[" * 100_000),
    "nothing": Told(b""),
}


@contextmanager
def asking(answering: Answering, **how: Any) -> Iterator[tuple[Client, Loopback, Time]]:
    """A client of a server that answers so, and the time that passes for it."""
    time = Time()
    with serving(answering) as server:
        settings = {"clock": time.clock, "sleep": time.sleep, "timeout": 5.0, **how}
        with Client(Server("forge:acme", server.url, **settings)) as client:
            yield client, server, time


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_may_be_different_in_a_moment_is_asked_again_with_growing_waits(broken: Reply) -> None:
    with asking(script(broken, broken, FINE)) as (client, server, time):
        assert client.get("/changes").body == [{"number": 1}]
        assert (len(server.log), client.requests) == (3, 3)
        assert len(time.slept) == 2
        assert all(0 <= seconds <= 4 for seconds in time.slept)


def test_a_server_that_stays_broken_is_given_up_and_the_message_says_what_to_check() -> None:
    with asking(script(Told(status=502))) as (client, server, _):
        with pytest.raises(SourceUnavailable, match=r"it answers 502 Bad Gateway. What was read is kept. Check that"):
            client.get("/changes")
        assert len(server.log) == TRIES


def test_a_question_can_be_given_up_earlier_than_others() -> None:
    with asking(script(Told(status=502))) as (client, server, _):
        with pytest.raises(SourceUnavailable):
            client.send(Request("/changes", tries=2))
        assert len(server.log) == 2


def test_a_post_is_a_question_too_and_is_repeated_with_its_body() -> None:
    with asking(script(cut_in_the_headers(), FINE)) as (client, server, _):
        client.post("/graphql", {"query": "{ viewer }"})
        assert [asked.body for asked in server.log] == [{"query": "{ viewer }"}] * 2


def test_nobody_listening_is_a_server_that_does_not_answer() -> None:
    time = Time()
    with serving(script(FINE)) as server:
        url = server.url
    gone = Server("forge:acme", url, clock=time.clock, sleep=time.sleep)
    with (
        Client(gone) as client,
        pytest.raises(SourceUnavailable, match=r"no connection .*Connection refused"),
    ):
        client.get("/changes")


def test_a_silent_server_is_waited_for_no_longer_than_the_timeout() -> None:
    ended = Event()

    def silent() -> Iterator[bytes]:
        yield b""
        ended.wait(10)

    with asking(script(Raw(silent)), timeout=0.05, tries=2) as (client, _, _):
        with pytest.raises(SourceUnavailable, match="no answer in time"):
            client.get("/changes")
        ended.set()


def test_an_answer_that_never_ends_is_given_up_although_no_byte_is_late() -> None:
    endless = httpx.MockTransport(lambda _: httpx.Response(200, content=repeat(b" ")))
    asked = Server("forge:acme", "https://forge.example.org", timeout=0.01, tries=1, transport=lambda: endless)
    with Client(asked) as client, pytest.raises(SourceUnavailable, match="takes too long to send its answer"):
        client.get("/changes")


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (
            Told({"message": "Bad credentials"}, 401),
            SourceGone,
            r"refuses the credential \(Bad credentials\). Give the",
        ),
        (Told({"message": "no"}, 403), SourceForbidden, r"/changes is forbidden \(no\). Give the table a `token`"),
        (Told({"message": "Not Found"}, 404), SourceMissing, r"/changes is not there \(Not Found\). Check its name"),
        (Told(b"<html>", 410), SourceMissing, r"/changes is not there. Check its name"),
        (Told({"errors": [{"detail": "bad"}]}, 422), SourceGone, r"/changes answers 422 \(.*bad.*\). Check `url`"),
        (Told([], 301), SourceGone, "/changes answers 301. Check `url`"),
    ],
)
def test_what_is_refused_is_not_repeated_and_the_message_says_what_to_do(
    reply: Told, error: type[SourceGone], words: str
) -> None:
    with asking(script(reply)) as (client, server, time):
        with pytest.raises(error, match=words) as raised:
            client.get("/changes")
        assert type(raised.value) is error
        assert (len(server.log), time.slept) == (1, [])


def test_a_page_that_says_no_content_has_no_body_and_is_no_failure() -> None:
    with asking(script(Told(status=204))) as (client, _, _):
        assert client.get("/changes").body is None


@pytest.mark.parametrize(
    ("packing", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)]
)
def test_a_packed_answer_is_asked_for_and_unpacked(packing: str, pack: Callable[[bytes], bytes]) -> None:
    content = json.dumps([{"number": number} for number in range(100_000)]).encode()
    with asking(script(Told(pack(content), headers={"content-encoding": packing}))) as (client, server, _):
        assert client.get("/changes").body == json.loads(content)
        assert server.log[0].headers["accept-encoding"] == "gzip"


def test_text_is_given_as_text() -> None:
    with asking(script(Told(b"* @acme/core\n"))) as (client, _, _):
        assert client.send(Request("/CODEOWNERS", text=True)).body == "* @acme/core\n"


def test_a_known_etag_is_sent_and_what_has_not_changed_has_no_body() -> None:
    def answering(asked: Asked) -> Reply:
        headers = {"etag": 'W/"7"'}
        return Told(None, 304, headers) if asked.headers.get("if-none-match") == 'W/"7"' else Told([1], 200, headers)

    with asking(answering) as (client, server, _):
        first = client.get("/changes", {"state": "all"})
        assert first.etags == {f"{server.url}/changes?state=all": 'W/"7"'}
        again = client.get("/changes", {"state": "all"}, etag=first.etags[first.url])
        assert (again.not_modified, again.body, dict(again.etags)) == (True, None, {})
        assert [asked.headers.get("if-none-match") for asked in server.log] == [None, 'W/"7"']


def test_every_exchange_is_counted_and_taken_once() -> None:
    with asking(script(Told(status=500), FINE)) as (client, _, _):
        client.get("/changes")
        assert (client.take_requests(), client.take_requests()) == (2, 0)
        client.get("/changes")
        assert (client.take_requests(), client.requests) == (1, 3)


@pytest.mark.parametrize(
    "path", ["@127.0.0.2/changes", ".evil.example/changes", "/a\nb", ":1/changes", "/" + "a" * 70_000]
)
def test_a_path_made_of_anything_cannot_lead_to_another_host(path: str) -> None:
    with asking(script(FINE)) as (client, server, _):
        with pytest.raises(SourceMissing, match=r"can be no address of this server. Nothing was sent"):
            client.get(path)
        assert server.log == []


def test_cookies_are_not_kept_for_they_would_tie_credentials_together() -> None:
    with asking(script(Told([], headers={"set-cookie": "session=1; Path=/"}))) as (client, server, _):
        client.get("/changes")
        client.get("/changes")
        assert "cookie" not in server.log[1].headers


def test_a_proxy_of_the_environment_is_not_told_what_is_asked_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(script(Told([], 500))) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        with asking(script(FINE)) as (client, server, _):
            client.get("/changes")
            assert (len(server.log), len(proxy.log)) == (1, 0)


def test_a_proxy_of_the_environment_is_asked_for_the_way_to_other_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(script(FINE)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        asked = Server("forge:acme", "https://forge.example.org", sleep=lambda _: None)
        with Client(asked) as client, pytest.raises(SourceUnavailable, match="the proxy does not let it through"):
            client.get("/changes")


def test_hosts_that_the_environment_excepts_are_asked_without_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "example.org")
    assert proxy_of("https://forge.example.com") == "http://proxy.example:3128"
    assert proxy_of("https://forge.example.org") is None


@pytest.mark.parametrize("proxy", ["socks9://user:hunter2@proxy.example:1", "http://proxy.example:port"])
def test_a_proxy_that_cannot_be_used_is_told_without_its_password(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(SourceGone, match="Check HTTPS_PROXY") as raised:
        Client(Server("forge:acme", "https://forge.example.org"))
    assert "hunter2" not in str(raised.value)


def test_a_certificate_that_cannot_be_verified_is_told_once_with_what_to_do() -> None:
    def refusing(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate")

    server = Server("forge:acme", "https://forge.example.org", transport=lambda: httpx.MockTransport(refusing))
    with Client(server) as client:
        with pytest.raises(SourceGone, match=r"certificate cannot be verified. If it is signed by your own authority"):
            client.get("/changes")
        assert client.requests == 1
