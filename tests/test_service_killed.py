"""kill -9 at any moment of an import or a collection costs a repeat, never a hole and never a lock."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from event_samples import contents, opened, same_key
from service_places import git

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

ROUNDS = 4
"""Of each kind, so 16 kills of commands in the middle of their work."""
COMMITS, EVENTS = 4_000, 12_000
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
REJECTED, DONE = 3, 0


@dataclass(frozen=True)
class Job:
    """A command that a folder is filled with, and how long it takes undisturbed."""

    arguments: tuple[str, ...]
    place: Path
    data: Path
    ends_with: int

    def start(self) -> subprocess.Popen[bytes]:
        """Start it in a process of its own."""
        command = [sys.executable, "-m", "tribometer", "--data", str(self.data), *self.arguments]
        return subprocess.Popen(command, cwd=self.place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def finish(self) -> float:
        """Run it to its end and return its seconds."""
        began = time.perf_counter()
        process = self.start()
        said, _ = process.communicate(timeout=120)
        assert process.returncode == self.ends_with, said.decode()
        return time.perf_counter() - began

    def kill(self, after: float) -> bool:
        """Kill it after so many seconds; tell whether it was still at work."""
        process = self.start()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(after)
        process.kill()
        process.communicate()
        return process.returncode == -9

    def at(self, data: Path) -> Job:
        """Return the same command for another data folder, in which people get the same pseudonyms."""
        return Job(self.arguments, self.place, same_key(self.data, data), self.ends_with)

    def stored(self) -> dict[str, Any]:
        """Return all tables, without when something happened."""
        with opened(self.data) as store:
            return contents(store)


def repository(folder: Path) -> Path:
    """Make a repository of many commits with a release every 50, in one go."""
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    stream = []
    for number in range(COMMITS):
        at = int((BEGIN + timedelta(hours=3 * number)).timestamp())
        who = f"Ann <ann{number % 7}@example.org> {at} +0000"
        stream += ["commit refs/heads/main", f"author {who}", f"committer {who}", "data <<END", f"step {number}", "END"]
        stream += [f"M 644 inline file{number % 50}", "data <<END", f"{number}", "END", ""]
        if number % 50 == 0:
            stream += [f"reset refs/tags/v1.{number}", "from refs/heads/main", ""]
    command = ["git", "-C", str(folder), "fast-import", "--quiet"]
    subprocess.run(
        command, input="\n".join(stream).encode(), check=True, env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    )
    return folder


def events(file: Path) -> Path:
    """Write runs and deployments, a few of them broken."""
    with file.open("w") as lines:
        for number in range(EVENTS):
            at = (BEGIN + timedelta(minutes=number)).isoformat()
            if number % 997 == 0:
                lines.write('{"type": "run", "id": broken\n')
            elif number % 10 == 0:
                told: dict[str, Any] = {"type": "deployment", "service": f"s{number % 40}", "environment": "production"}
                told |= {"status": "success", "finished_at": at, "sha": f"{number:040x}"}
                lines.write(json.dumps({**told, "source": "ci", "id": str(number)}) + "\n")
            else:
                told = {"type": "run", "repository": "shop", "workflow": "ci", "run": number, "attempt": 1}
                told |= {"sha": f"{number:040x}", "created_at": at, "conclusion": "success"}
                lines.write(json.dumps({**told, "source": "ci", "id": f"{number}/1"}) + "\n")
    return file


def job_of(kind: str, place: Path) -> Job:
    """Make a command of a kind with what it reads."""
    if kind == "collection":
        return Job(("collect",), repository(place / "shop"), place / "undisturbed", DONE)
    file = events(place / "events.jsonl")
    return Job(("import", file.name), place, place / "undisturbed", REJECTED)


@pytest.mark.parametrize("kind", ["import", "collection"])
def test_whatever_was_killed_and_repeated_gives_the_tables_of_an_undisturbed_run(kind: str, tmp_path: Path) -> None:
    undisturbed = job_of(kind, tmp_path)
    seconds = undisturbed.finish()
    expected = undisturbed.stored()
    assert sum(len(rows) for rows in expected.values()) > COMMITS
    dice = Random(kind)  # noqa: S311 - moments, not secrets
    killed = 0
    for number in range(ROUNDS):
        job = undisturbed.at(tmp_path / f"data{number}")
        was_killed = job.kill(seconds * dice.random())
        killed += was_killed
        # the first took longest where the machine was busy or cold
        seconds *= 1 if was_killed else 0.8
        job.finish()
        assert job.stored() == expected, f"round {number}"
    # a command that was faster than the first may be done before it is killed, but not most of them
    assert killed > ROUNDS / 2
