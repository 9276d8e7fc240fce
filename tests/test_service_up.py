import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from service_places import clone
from tribometer.service.address import Address

PATIENCE = 90
JANUARY = ("--from", "2026-01-01", "--to", "2026-02-01")


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("TRIBOMETER_")}


def tribometer(place: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tribometer", *arguments]
    return subprocess.run(command, cwd=place, env=environment(), capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "table",
    ['url = "http://github.example.org"', 'url = "github.com"', 'token = {env = "A"}\napp = {id = 1}', "token = 3"],
)
def test_a_refused_configuration_is_one_line_at_the_end_of_the_process_too(tmp_path: Path, table: str) -> None:
    (tmp_path / "tribometer.toml").write_text(f'[[sources]]\nkind = "github"\nowner = "acme"\n{table}\n')
    ran = tribometer(tmp_path, "collect")
    assert ran.returncode == 2
    assert re.fullmatch(r"tribometer: tribometer\.toml: sources\[0\].*\n", ran.stderr)


def awaited(found: Callable[[], Any], process: "subprocess.Popen[str]") -> Any:
    """Ask until there is an answer; fail when the process ends or time is up."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        answer = found()
        if answer:
            return answer
        time.sleep(0.1)
    process.kill()
    pytest.fail(f"the service did not come up: {process.communicate()}")


def ready(data: Path) -> Address | None:
    address = Address.read(data)
    try:
        return address if address and httpx.get(f"{address.url}/readyz", trust_env=False).is_success else None
    except httpx.HTTPError:
        return None


def answered(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.HTTPError:
        return False


@contextmanager
def up(place: Path, *arguments: str) -> "Iterator[tuple[subprocess.Popen[str], Address]]":
    """Run the service in a place until the test is done with it."""
    with beginning(place, *arguments) as process:
        yield process, awaited(lambda: ready(place / ".tribometer"), process)


@contextmanager
def beginning(place: Path, *arguments: str) -> "Iterator[subprocess.Popen[str]]":
    """Start the service in a place and end it with the test."""
    command = [sys.executable, "-m", "tribometer", "up", "--port", "0", "--no-browser", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=place, env=environment(), stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def without_time(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return {name: value for name, value in found.items() if name != "computed_at"}


def test_up_in_a_clone_serves_its_numbers_and_ends_cleanly(tmp_path: Path) -> None:
    place = clone(tmp_path / "shop")
    with up(place) as (process, address):
        window = {"from": "2026-01-01", "to": "2026-02-01"}
        url = f"{address.url}/api/v1/metrics/change_lead_time"
        told = httpx.get(url, params=window, trust_env=False, timeout=PATIENCE).json()
        through = tribometer(place, "metric", "change_lead_time", *JANUARY, "--json")
        page = httpx.get(address.url, trust_env=False)
        nothing = [httpx.get(f"{address.url}{path}", trust_env=False) for path in ("/nope", "/static/nope.js")]
        icon = httpx.get(f"{address.url}/favicon.ico", trust_env=False)
        process.send_signal(signal.SIGTERM)
        _, messages = process.communicate(timeout=PATIENCE)
    direct = tribometer(place, "metric", "change_lead_time", *JANUARY, "--json")
    assert (told["value"], told["n"]) == (5 * 3600.0, 5)
    assert without_time(through.stdout) == without_time(direct.stdout) == without_time(json.dumps(told))
    assert page.is_success
    assert [answer.status_code for answer in nothing] == [404, 404]
    assert icon.headers["content-type"] == "image/svg+xml"
    assert process.returncode == 0
    collected, where = messages.splitlines()
    assert collected.startswith("git:acme/shop: ")
    assert address.url in where
    assert Address.read(place / ".tribometer") is None


def test_commands_are_answered_while_the_first_collection_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, go = clone(tmp_path / "shop"), tmp_path / "go"
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    wait = f'case "$*" in *rev-list*|*log*) while [ ! -e {go} ]; do sleep 0.1; done;; esac'
    slow.write_text(f'#!/bin/sh\n{wait}\nexec {shutil.which("git")} "$@"\n')
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(slow.parent), prepend=os.pathsep)
    with beginning(place) as process:
        address = awaited(lambda: Address.read(place / ".tribometer"), process)
        awaited(lambda: answered(f"{address.url}/healthz"), process)
        early = tribometer(place, "metric", "change_lead_time", *JANUARY, "--json")
        unready = httpx.get(f"{address.url}/readyz", trust_env=False).status_code
        go.touch()
        awaited(lambda: ready(place / ".tribometer"), process)
        late = tribometer(place, "metric", "change_lead_time", *JANUARY, "--json")
    assert early.returncode == 0
    assert json.loads(early.stdout)["value"] is None
    assert unready == 503
    assert json.loads(late.stdout)["n"] == 5


def test_a_killed_service_leaves_no_lock_behind(tmp_path: Path) -> None:
    place = clone(tmp_path / "shop")
    with up(place) as (process, _):
        second = tribometer(place, "up", "--port", "0", "--no-browser")
        process.kill()
        process.wait(PATIENCE)
    assert second.returncode == 4
    assert str(process.pid) in second.stderr
    assert Address.read(place / ".tribometer") is not None
    after = tribometer(place, "collect")
    assert after.returncode == 0
    assert Address.read(place / ".tribometer") is None


def test_up_outside_of_a_clone_says_what_to_do_and_makes_nothing(tmp_path: Path) -> None:
    ran = tribometer(tmp_path, "up", "--no-browser")
    assert ran.returncode == 2
    assert "tribometer.toml" in ran.stderr
    assert not list(tmp_path.iterdir())


def test_a_taken_port_is_named_with_another_to_try(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = tribometer(clone(tmp_path / "shop"), "up", "--no-browser", "--port", str(port))
    assert ran.returncode == 1
    assert re.search(r"This one is free: tribometer up --port \d+$", ran.stderr.strip())


def test_an_address_others_can_reach_needs_a_setting_that_says_so(tmp_path: Path) -> None:
    ran = tribometer(clone(tmp_path / "shop"), "up", "--no-browser", "--host", "0.0.0.0")  # noqa: S104 - it refuses
    assert ran.returncode == 2
    assert "allow_open_access_without_sign_in = true" in ran.stderr


def test_a_reader_that_has_seen_enough_causes_no_error(tmp_path: Path) -> None:
    script = f"{sys.executable} -m tribometer import --schema | head -1"
    ran = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {script}"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stdout == "{\n"
    assert ran.stderr == ""
    assert ran.returncode == 0


def test_reading_a_number_does_not_wait_for_what_it_does_not_need(tmp_path: Path) -> None:
    heavy = {"pandas", "streamlit", "scipy", "fastapi", "httpx", "apscheduler", "rich", "collectors", "dashboards"}
    script = (
        "import sys\nfrom tribometer.service.cli import main\n"
        "try: main(['metric', 'change_lead_time', '--json'])\n"
        "except SystemExit: pass\n"
        f"print('loaded:', *({heavy!r} & set(sys.modules)), file=sys.stderr)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert ran.stderr.splitlines()[-1].split() == ["loaded:"]
    assert json.loads(ran.stdout)["metric"] == "change_lead_time"
