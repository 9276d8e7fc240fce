"""An organisation of 300 people, its mail server and its Slack on this machine, and a service that surveys it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

import httpx
import pytest

import factories as make
from loopback import Asked, Loopback, Told, serving
from mail_sinks import Sink, sink

TEAMS = {"checkout": 70, "search": 60, "mobile": 60, "data": 50, "build": 40, "web": 17, "labs": 3}
ABOVE = {"checkout": "commerce", "search": "commerce", "mobile": "commerce", "build": "platform", "data": "platform"}
ON_SLACK = 60
LINK = re.compile(r"http://127\.0\.0\.1:\d+/s/[\w.-]+")
PATIENCE = 150
"""Seconds for what the service does once a minute."""
PROGRAM = """
import sys
from datetime import timedelta
from tribometer import clock
real, ahead = clock.now_utc, timedelta(seconds=float(sys.argv.pop(1)))
clock.now_utc = lambda: real() + ahead
from tribometer.service.cli import main
main(sys.argv[1:])
"""
"""Tribometer by a clock that is ahead: people are written to on working days, tests run on all of them."""


def working_hours() -> float:
    """Seconds from now until ten o'clock of a Wednesday that is no holiday anywhere."""
    now = datetime.now(UTC)
    day = (now + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)
    return (day + timedelta(days=(2 - day.weekday()) % 7) - now).total_seconds()


@dataclass
class Slack:
    """Slack as its documentation has it: it limits the first message, and keeps the others by member."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    limited: int = 0
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, asked: Asked) -> Told:
        """Answer one call."""
        method = asked.path.rpartition("/")[2]
        with self._lock:
            if method == "conversations.open":
                return Told({"ok": True, "channel": {"id": f"D-{asked.body['users']}"}})
            if not self.limited:
                self.limited += 1
                return Told({"ok": False, "error": "ratelimited"}, 429, {"retry-after": "1"})
            assert method == "chat.postMessage"
            member = str(asked.body["channel"]).removeprefix("D-")
            self.texts.setdefault(member, []).append(asked.body["text"])
            return Told({"ok": True, "ts": "1.2"})


@dataclass
class Office:
    """The organisation in a folder; ``ahead`` is by how many seconds the service's clock is."""

    home: Path
    mail: Sink
    slack: Slack
    slack_url: str
    port: int
    ahead: float = field(default_factory=working_hours)
    serving: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the service listens."""
        return f"http://127.0.0.1:{self.port}"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [sys.executable, "-c", PROGRAM, str(self.ahead), *arguments]
        return subprocess.run(
            command, cwd=self.home, env=_environment(), capture_output=True, text=True, timeout=120, check=False
        )

    def told(self, *arguments: str) -> Any:
        """What a command says in JSON."""
        ran = self.run(*arguments, "--json")
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    def start(self) -> None:
        """Start the service, and wait until it answers."""
        command = [sys.executable, "-c", PROGRAM, str(self.ahead), "up", "--no-browser", "--port", str(self.port)]
        with (self.home / "serve.log").open("a") as log:
            self.serving = subprocess.Popen(command, cwd=self.home, env=_environment(), stdout=log, stderr=log)
        self.wait(self._is_ready)

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self.serving is not None
        self.serving.kill()
        self.serving.wait()

    def stop(self) -> None:
        """End it in peace."""
        if self.serving is not None and self.serving.poll() is None:
            self.serving.terminate()
            self.serving.wait(30)

    def wait(self, come: Any) -> None:
        """Wait until something has come."""
        ends = time.monotonic() + PATIENCE
        while not come():
            if time.monotonic() > ends or (self.serving is not None and self.serving.poll() is not None):
                pytest.fail(f"it did not come: {(self.home / 'serve.log').read_text()}")
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    @property
    def written_to(self) -> Counter[str]:
        """How many messages each person was given, by address."""
        members = {_member(each): each for each in people()}
        found = Counter(self.mail.recipients)
        found.update({members[member]: len(texts) for member, texts in self.slack.texts.items()})
        return found

    def links(self) -> dict[str, str]:
        """The personal link of everybody who got one, by address."""
        members = {_member(each): each for each in people()}
        texts = {members[member]: given[0] for member, given in self.slack.texts.items()}
        for mail in list(self.mail.mails):
            body = mail.get_body(("plain",))
            assert body is not None
            texts[str(mail["To"])] = body.get_content()
        return {address: LINK.findall(text)[0] for address, text in texts.items()}


def people() -> dict[str, str]:
    """Everybody's team by their address."""
    return {f"{team}{number}@acme.example": team for team, size in TEAMS.items() for number in range(size)}


def _member(address: str) -> str:
    return f"U{address.partition('@')[0].upper()}"


@contextmanager
def office(home: Path) -> Iterator[Office]:
    """Let there be an organisation, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    slack = Slack()
    with sink(Sink(pause=0.02)) as mail, serving(slack) as chat:
        made = Office(home, mail, slack, chat.url, port)
        _write(made, chat)
        try:
            yield made
        finally:
            made.stop()


def _write(made: Office, chat: Loopback) -> None:
    """The settings, the catalog and the address book."""
    (made.home / "tribometer.toml").write_text(
        f"""
[surveys]
people = "people.csv"
url = "{made.url}"
hours = "00:00-23:59"
[surveys.mail]
host = "127.0.0.1"
port = {made.mail.port}
sender = "surveys@acme.example"
tls = "none"
[surveys.slack]
token = {{ env = "SLACK_TOKEN" }}
url = "{chat.url}/api"
""",
        encoding="utf-8",
    )
    on_slack = set(list(people())[::5][:ON_SLACK])
    rows = [f"{address},{_member(address) if address in on_slack else ''}" for address in people()]
    (made.home / "people.csv").write_text("\n".join(["address,slack", *rows]), encoding="utf-8")
    events = [json.dumps(each) for each in catalog()]
    (made.home / "catalog.jsonl").write_text("\n".join(events), encoding="utf-8")


def catalog() -> Iterator[Mapping[str, Any]]:
    """Teams in their tree, and who is in which since when."""
    for team in {*TEAMS, *ABOVE.values(), "acme"}:
        above = None if team == "acme" else ABOVE.get(team, "acme")
        yield make.event("team", team, name=team, **({"parent": above} if above else {}))
    for number, (address, team) in enumerate(people().items()):
        began = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=8 * number)
        yield make.ownership(f"in {address}", team, person=address)
        yield make.event("person", f"person {number}", handles=[address], start_date=make.text(began))


def _environment() -> dict[str, str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("TRIBOMETER_")}
    return {**known, "SLACK_TOKEN": "xoxb-not-a-real-one"}
