"""A real Buildbot master for tests: its packages from the registry, one worker within it, gone afterwards."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGES = ("buildbot[bundle]==4.3.0",)
START_SECONDS = 60
CONFIGURATION = """\
from buildbot.plugins import schedulers, steps, util, worker
waiting = "echo begun > {place}/begun; while [ ! -e {place}/go ]; do sleep 0.1; done"
good = util.BuildFactory([steps.ShellCommand(command=["true"], name="compile")])
bad = util.BuildFactory([steps.ShellCommand(command=["false"], name="test")])
slow = util.BuildFactory([steps.ShellCommand(command=waiting, name="deploy")])
factories = {{"good": good, "bad": bad, "slow": slow}}
BuildmasterConfig = {{
    "workers": [worker.LocalWorker("local", max_builds=2)],
    "protocols": {{"null": {{}}}},
    "builders": [util.BuilderConfig(n, workernames=["local"], factory=f) for n, f in factories.items()],
    "schedulers": [schedulers.ForceScheduler("force", builderNames=list(factories))],
    "www": {{"port": "tcp:{port}:interface=127.0.0.1"}},
    "db": {{"db_url": "sqlite:///state.sqlite"}},
    "buildbotNetUsageData": None,
}}
"""


@dataclass(frozen=True)
class Master:
    """A running master, and how to speak to it."""

    url: str
    place: Path

    def ask(self, path: str, method: str | None = None, **params: object) -> Any:
        """Ask the REST API, or call one of its methods, and give the JSON that comes back."""
        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        request = urllib.request.Request(  # noqa: S310 - loopback
            f"{self.url}/api/v2/{path}",
            data=json.dumps(call).encode() if method else None,
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
            return json.loads(answer.read())

    def force(self, builder: str, revision: str, **params: object) -> None:
        """Ask a builder for a build of a revision."""
        ids = {each["name"]: each["builderid"] for each in self.ask("builders")["builders"]}
        repository = {"repository": "https://github.com/acme/checkout.git", "branch": "main", "project": ""}
        params = {"builderid": ids[builder], "revision": revision, "username": "Ann <someone@example.org>", **params}
        self.ask("forceschedulers/force", "force", **repository, **params)

    def rebuild(self, build: int) -> None:
        """Ask for the same build again."""
        self.ask(f"builds/{build}", "rebuild")

    def wait(self, is_so: Callable[[], object], what: str) -> None:
        """Wait until something is so; fail when it does not come."""
        for _ in range(START_SECONDS * 10):
            if is_so():
                return
            time.sleep(0.1)
        raise AssertionError(f"{what} did not come within {START_SECONDS} s")

    def ended(self) -> int:
        """How many builds have ended."""
        return sum(each["complete"] for each in self.ask("builds")["builds"])


@contextmanager
def master(program: Path, place: Path) -> Iterator[Master]:
    """Run a master with its own files in ``place``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    subprocess.run([program, "create-master", "-q", place], check=True, capture_output=True)
    (place / "master.cfg").write_text(CONFIGURATION.format(port=port, place=place))
    log = (place / "output.log").open("w")
    running = subprocess.Popen(
        [program, "start", "--nodaemon", place], stdout=log, stderr=log, start_new_session=True, cwd=place
    )
    try:
        made = Master(f"http://127.0.0.1:{port}", place)
        made.wait(lambda: running.poll() is not None or _answers(made), "Buildbot")
        if running.poll() is not None:
            raise RuntimeError(f"Buildbot does not start: {(place / 'twistd.log').read_text()[-800:]}")
        yield made
    finally:
        _end(running)
        log.close()


def _answers(made: Master) -> bool:
    try:
        return bool(made.ask("workers")["workers"][0]["connected_to"])
    except (urllib.error.URLError, OSError, IndexError, ValueError):
        return False


def _end(running: subprocess.Popen[bytes]) -> None:
    """End the master and what its worker has started, and nothing else: they are a process group of their own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(running.pid, number)
            running.wait(timeout=15)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
