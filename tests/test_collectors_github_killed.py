"""kill -9 at any request of a collection of GitHub costs less than a page of requests, and not one row."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from event_samples import contents, same_key
from github_server import GitHub, running
from github_world import repository
from loopback import Asked, Loopback, Reply
from tribometer.store import EventStore

pytestmark = pytest.mark.thorough

PAGE = 100
TESTS = Path(__file__).parent
COLLECTING = """
import sys
from dataclasses import replace
from pathlib import Path

from collectors.sync import run
from github_collecting import collector_of
from loopback import NOON
from tribometer.store import EventStore

url, token, data = sys.argv[1:]
collector = collector_of(url, Path(token), at_once=1)
server = replace(collector.server, clock=lambda: NOON)
with EventStore.open(Path(data)) as store:
    error = run(replace(collector, server=server), store).error
    sys.exit(str(error) if error else 0)
"""
POINTS = 12
LOOKS = ("/repos [", "/branches/", "('per_page', '1')", "/releases [")
"""In questions that only ask whether anything is new, which costs nothing of the quota."""


@dataclass
class Killing:
    """A process that collects, and at which request it is killed: when it asks, or a moment after the answer."""

    server: Loopback
    github: GitHub
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    left: int | None = None
    moment: float = 0.0
    timers: list[Timer] = field(default_factory=list)

    def collect(self, data: Path) -> int:
        """Collect into a data folder; what the process ended with."""
        command = [sys.executable, "-c", COLLECTING, self.server.url, str(self.folder / "token"), str(data)]
        self.process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(TESTS)}, stderr=subprocess.PIPE)
        _, said = self.process.communicate(timeout=120)
        for timer in self.timers:
            timer.join()
        assert self.process.returncode in {0, -9}, said.decode()
        return self.process.returncode

    def fault(self, _: Asked) -> Reply | None:
        """Kill it when its time has come."""
        if self.left is not None and self.process:
            self.left -= 1
            if self.left == 0:
                self.timers.append(Timer(self.moment, self.process.kill))
                self.timers[-1].start()
        return None


def tables(data: Path) -> dict[str, Any]:
    with EventStore.open(data) as store:
        return contents(store, without=("schema_migrations", "source_states", "etags"))


def test_what_was_killed_and_repeated_gives_the_tables_of_an_undisturbed_run(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("ghp_first")
    github = GitHub(repository(1, 230, 130, 130), repository(2, 20, 40, 10), still=True)
    with running(github) as server:
        killing = Killing(server, github, tmp_path)
        assert killing.collect(tmp_path / "undisturbed") == 0
        calm, expected = github.questions(), tables(tmp_path / "undisturbed")
        assert sum(len(rows) for rows in expected.values()) > 2_000
        github.fault = killing.fault
        worst = 0
        for point in range(POINTS):
            data = same_key(tmp_path / "undisturbed", tmp_path / f"data{point}")
            github.asked.clear()
            killing.left, killing.moment = 1 + len(calm) * point // POINTS, 0.0 if point % 2 else 0.05
            assert killing.collect(data) == -9, f"point {point}"
            before = Counter(github.questions())
            github.asked.clear()
            killing.left = None
            assert killing.collect(data) == 0
            assert tables(data) == expected, f"point {point}"
            again = Counter(github.questions()) & before
            repeated = {words: count for words, count in again.items() if not any(look in words for look in LOOKS)}
            worst = max(worst, sum(repeated.values()))
            assert sum(repeated.values()) < PAGE, f"point {point}: {repeated}"
        print(f"{len(calm)} requests undisturbed; {POINTS} kills repeated {worst} at most")  # noqa: T201 - pytest -s
