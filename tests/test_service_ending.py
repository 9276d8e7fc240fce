"""A process that is told to end while a source makes it wait ends within seconds, and nothing stands as failed."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripted_forge import forge
from tribometer.service.address import Address

PATIENCE = 90
AT_MOST = 25
"""Seconds, on a machine that does a lot beside; the wait that is cut short is an hour."""
PROGRAM = """
import signal, sys, collectors
# whoever runs the tests in the background of a shell has it ignored
signal.signal(signal.SIGINT, signal.default_int_handler)
collectors.COLLECTORS["forge"] = "scripted_forge"
from tribometer.service.cli import main
main(sys.argv[1:])
"""
BUSY: Any = {"/repos": (429, {"retry-after": "3600"}, {"message": "slow down"})}


def begun(place: Path, url: str, *arguments: str) -> "subprocess.Popen[str]":
    (place / "tribometer.toml").write_text(f'[[sources]]\nkind = "forge"\nowner = "acme"\nurl = "{url}"\n')
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRIBOMETER_")}
    environment["PYTHONPATH"] = str(Path(__file__).parent)
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.Popen(command, cwd=place, env=environment, stdout=pipe, stderr=pipe, text=True)


def awaited(found: Callable[[], object], process: "subprocess.Popen[str]") -> None:
    ends = time.monotonic() + PATIENCE
    while not found():
        if time.monotonic() > ends or process.poll() is not None:
            process.kill()
            pytest.fail(f"it did not come: {process.communicate()}")
        time.sleep(0.1)


def ended(process: "subprocess.Popen[str]", number: int) -> str:
    process.send_signal(number)
    try:
        return process.communicate(timeout=AT_MOST)[1]
    finally:
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_service_ends_while_a_source_waits_for_its_servers_limit(tmp_path: Path, number: int) -> None:
    asked: list[str] = []
    data = tmp_path / ".tribometer"
    with forge(BUSY, asked) as url:
        process = begun(tmp_path, url, "up", "--port", "0", "--no-browser")
        awaited(lambda: asked and Address.read(data), process)
        said = ended(process, number)
        again = begun(tmp_path, url, "doctor", "--offline", "--json")
        report = json.loads(again.communicate(timeout=PATIENCE)[0])
    assert process.returncode == 0
    assert "Traceback" not in said
    [source] = report["sources"]
    assert (source["last_error"], source["last_run"]["status"]) == (None, "interrupted")
    assert "the next one goes on where it stopped" in " ".join(each["do"] for each in report["findings"])


def test_ctrl_c_ends_a_collection_that_waits_for_its_servers_limit(tmp_path: Path) -> None:
    asked: list[str] = []
    with forge(BUSY, asked) as url:
        process = begun(tmp_path, url, "collect")
        awaited(lambda: asked, process)
        said = ended(process, signal.SIGINT)
    assert process.returncode == 130
    waits, kept = said.splitlines()
    assert re.fullmatch(r"forge:acme: waiting until \d\d:\d\d:\d\d UTC for its server's quota of requests", waits)
    assert kept.startswith("Interrupted. What has landed is kept (forge:acme: 0 events). The next collection goes on")


def test_ctrl_c_does_not_wait_for_a_server_that_keeps_silent(tmp_path: Path) -> None:
    asked: list[str] = []

    def silence() -> list[str]:
        time.sleep(PATIENCE)
        return []

    with forge({"/repos": ["a"], "/repos/a/teams": silence}, asked) as url:
        process = begun(tmp_path, url, "collect")
        awaited(lambda: len(asked) > 1, process)
        said = ended(process, signal.SIGINT)
    assert process.returncode == 130
    assert [line.partition(".")[0] for line in said.splitlines()] == ["Interrupted"]


def test_the_service_ends_while_a_server_keeps_silent(tmp_path: Path) -> None:
    asked: list[str] = []

    def silence() -> list[str]:
        time.sleep(PATIENCE)
        return []

    with forge({"/repos": silence}, asked) as url:
        process = begun(tmp_path, url, "up", "--port", "0", "--no-browser")
        awaited(lambda: asked and Address.read(tmp_path / ".tribometer"), process)
        said = ended(process, signal.SIGTERM)
    assert process.returncode == 0
    assert "Traceback" not in said
