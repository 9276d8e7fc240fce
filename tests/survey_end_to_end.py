"""A real service that asks people by mail and Slack, the servers that take its messages, and ways to kill it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Lock
from typing import Any

import httpx

from loopback import Asked, Told
from mail_sinks import Sink
from survey_company import MONDAY, catalog, write_book

SETTINGS = """
[surveys.mail]
host = "127.0.0.1"
port = {mail}
sender = "surveys@acme.example"
tls = "none"

[surveys.slack]
url = "{slack}/api"
token = {{file = "slack.token"}}
"""
SECONDS = 180
PACE = 5
"""Mails to each message in Slack."""


@dataclass
class Halt:
    """Stops somebody in the middle of what they do, until the service was killed."""

    at: int
    reached: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)

    def pass_by(self, count: int) -> bool:
        """Stop at the number; tell whether this was it."""
        if count != self.at or self.over.is_set():
            return False
        self.reached.set()
        self.over.wait(SECONDS)
        return True


@dataclass
class Mails(Sink):
    """Keeps the mail, and at one of them says nothing more: the service never hears that it was taken."""

    halt: Halt = field(default_factory=lambda: Halt(100))

    def in_doubt(self) -> str:
        """Whose mail arrived, and the service never heard of it."""
        return self.recipients[self.halt.at - 1]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a message."""
        answer = await super().handle_DATA(server, session, envelope)
        self.halt.pass_by(len(self.mails))
        return answer


@dataclass
class Slack:
    """Slack's Web API as far as the service needs it: 429 once, and at one of the messages the service is killed.

    Until then it keeps pace with the mail, so that the service is killed while both are at work.
    """

    mails: Mails
    limit_at: int = 40
    halt: Halt = field(default_factory=lambda: Halt(20))
    posted: list[tuple[str, str]] = field(default_factory=list)
    limited: int = 0
    missed: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, asked: Asked) -> Told:
        """Answer a call."""
        if asked.headers.get("authorization") != "Bearer xoxb-made-up":
            return Told({"ok": False, "error": "invalid_auth"})
        if asked.path == "/api/conversations.open":
            return Told({"ok": True, "channel": {"id": f"D{asked.body['users']}"}})
        with self._lock:
            return self._post(asked.body["channel"].removeprefix("D"), asked.body["text"])

    def _post(self, member: str, text: str) -> Told:
        while len(self.mails.mails) < PACE * len(self.posted) and not self.halt.over.is_set():
            self.halt.over.wait(0.01)
        if len(self.posted) == self.limit_at and not self.limited:
            self.limited += 1
            return Told({"ok": False, "error": "ratelimited"}, 429, {"retry-after": "1"})
        if self.halt.pass_by(len(self.posted)):
            # it was asked, and never did it
            self.missed.append(member)
            return Told({"ok": False, "error": "fatal_error"})
        self.posted.append((member, text))
        return Told({"ok": True, "ts": f"{len(self.posted)}.000"})


@dataclass
class Service:
    """`tribometer up` over a folder, by a clock that begins on a Monday."""

    home: Path
    port: int
    ahead: timedelta
    kills: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """All that it said and logged."""
        return "".join(each.read_text() for each in (self.home / "up.log", self.home / "data" / "service.log"))

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        script = Path(__file__).with_name("clocked_service.py")
        options = ["--config", "tribometer.toml", "--data", "data", "up", "--port", str(self.port), "--no-browser"]
        command = [sys.executable, str(script), str(self.ahead.total_seconds()), *options]
        with (self.home / "up.log").open("a") as log:
            self._process = subprocess.Popen(command, cwd=self.home, stdout=log, stderr=log)
        until(self._is_ready, "the service is ready")

    def kill(self) -> None:
        """End it as a crash does."""
        assert self._process is not None
        self._process.kill()
        assert self._process.wait(SECONDS) == -9
        self.kills += 1

    def stop(self) -> int:
        """End it as a person does, if it runs; give its exit code."""
        assert self._process is not None
        self._process.terminate()
        try:
            return self._process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait(SECONDS)

    def command(self, *arguments: str) -> dict[str, Any]:
        """Run a command, from another folder than the service, and give what it tells."""
        options = ["--config", str(self.home / "tribometer.toml"), "--data", str(self.home / "data")]
        whole = [sys.executable, "-m", "tribometer", *options, *arguments, "--json"]
        done = subprocess.run(whole, cwd=self.home / "desk", capture_output=True, check=False, timeout=SECONDS)
        assert done.returncode == 0, done.stderr.decode()
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).is_success
        except httpx.TransportError:
            return False


@contextmanager
def service(home: Path, mail_port: int, slack_url: str) -> Iterator[Service]:
    """Run the service in a folder with its settings and, at ``desk``, the address book and the catalog."""
    (home / "desk").mkdir()
    write_book(home / "desk" / "people.csv")
    lines = "".join(json.dumps(each) + "\n" for each in catalog())
    (home / "desk" / "catalog.jsonl").write_text(lines, encoding="utf-8")
    (home / "tribometer.toml").write_text(SETTINGS.format(mail=mail_port, slack=slack_url))
    (home / "slack.token").write_text("xoxb-made-up")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    running = Service(home, port, MONDAY - datetime.now(UTC))
    try:
        running.start()
        yield running
    finally:
        running.stop()


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something to be so."""
    ends = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < ends, f"not in time: {what}"
        time.sleep(0.05)


def links(url: str, mails: Mails, slack: Slack) -> dict[str, str]:
    """The personal links that were delivered, by the address or member they went to."""
    found = re.compile(rf"{re.escape(url)}/s/[a-z2-7]+")
    bodies = [mail.get_body(("plain",)) for mail in mails.mails]
    texts = [(to, body.get_content()) for to, body in zip(mails.recipients, bodies, strict=True) if body is not None]
    of = {to: found.findall(text) for to, text in [*texts, *slack.posted]}
    assert {len(each) for each in of.values()} == {1}
    return {to: link for to, [link] in of.items()}
