import json
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from service_places import clock, clone, deployments, lines
from tribometer.errors import StoreBusy, TribometerError
from tribometer.service.access import Access
from tribometer.service.address import Address
from tribometer.service.asgi import routes
from tribometer.service.client import Remote, ServiceLost
from tribometer.service.instance import Instance, opened
from tribometer.service.session import Direct, Session, session
from tribometer.settings import Settings

TOLD_LATER = {"computed_at"}


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    """A held data folder inside a small clone."""
    monkeypatch.chdir(clone(tmp_path / "shop"))
    with opened(Settings(data=tmp_path / "data"), clock) as held:
        yield held


@pytest.fixture
def remote(instance: Instance) -> Iterator[Remote]:
    """The same instance through the service's routes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = Address(f"http://127.0.0.1:{listening.getsockname()[1]}")
        app = Starlette(routes=routes(instance, Access(address.token), lambda: True))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        with Remote(address) as found:
            yield found
        server.should_exit = True
        thread.join()


def told(found: Session, operation: str, arguments: Mapping[str, Any]) -> tuple[Any, list[Mapping[str, Any]]]:
    """Perform; give what came back, an error as its text and exit code, and what was told on the way."""
    messages: list[Mapping[str, Any]] = []
    try:
        result: Any = found.perform(operation, arguments, messages.append)
    except TribometerError as error:
        result = (str(error), error.exit_code)
    return json.loads(json.dumps(result)), [each for each in messages if "progress" not in each]


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("metric", {"name": "deployment_frequency", "by": "week"}),
        ("metric", {"name": "change_lead_time", "service": "nobody"}),
        ("metric", {"name": "nothing"}),
        ("metric", {"name": "change_lead_time", "by": "person"}),
        ("explain", {"name": "deployment_frequency", "start": "2026-01-01"}),
        ("rows", {"name": "deployment_frequency"}),
        ("rows", {"name": "nothing"}),
        ("discard", {"numbers": [7]}),
        ("discard", {"numbers": None}),
        ("collect", {"sources": ["nobody"]}),
        ("collect", {"since": "2026-01-01", "full": True}),
    ],
)
def test_a_command_gets_the_same_from_the_folder_and_from_the_service(
    instance: Instance, remote: Remote, operation: str, arguments: dict[str, Any]
) -> None:
    direct = Direct(instance)
    direct.perform("collect", {}, lambda _: None)
    here, there = told(direct, operation, arguments), told(remote, operation, arguments)
    for result, _ in (here, there):
        if isinstance(result, dict):
            result.pop("computed_at", None)
            result.get("result", {}).pop("computed_at", None)
    assert here == there


def test_collecting_through_the_service_tells_progress_and_counts(remote: Remote) -> None:
    messages: list[Mapping[str, Any]] = []
    report = remote.perform("collect", {}, messages.append)
    [source] = report["sources"]
    assert (source["source"], source["error"]) == ("git:acme/shop", None)
    assert source["new"] > 6
    assert messages[0]["progress"]["of"] == "git:acme/shop"


def test_a_file_imported_through_the_service_is_kept_under_its_own_name(
    instance: Instance, remote: Remote, tmp_path: Path
) -> None:
    file = lines(tmp_path / "events.jsonl", [*deployments(2), "broken"])
    report = remote.perform("import", {"files": [str(file), str(tmp_path / "missing")]}, lambda _: None)
    assert (report["new"], report["rejected"]) == (2, 1)
    assert report["errors"] == [f"{tmp_path / 'missing'}: No such file or directory"]
    assert [kept.origin for kept in instance.store.rejected()] == [str(file)]
    assert not list(instance.settings.data.glob("upload-*"))


def test_a_file_imports_alike_from_the_folder_and_through_the_service(
    instance: Instance, remote: Remote, tmp_path: Path
) -> None:
    file = lines(tmp_path / "events.jsonl", [*deployments(2), "broken"])
    arguments = {"files": [str(file), str(tmp_path / "missing")]}
    first = Direct(instance).perform("import", arguments, lambda _: None)
    second = remote.perform("import", arguments, lambda _: None)
    assert second == {**first, "new": 0, "unchanged": 2}


def test_a_rejected_event_is_dropped_through_the_service(instance: Instance, remote: Remote, tmp_path: Path) -> None:
    remote.perform("import", {"files": [str(lines(tmp_path / "events.jsonl", ["one", "two"]))]}, lambda _: None)
    dropped, _ = instance.store.rejected()
    assert remote.perform("discard", {"numbers": [dropped.number]}, lambda _: None) == {"discarded": 1, "kept": 1}
    assert dropped.number not in {each.number for each in instance.store.rejected()}


def test_a_service_that_goes_away_in_the_middle_is_said_to_be_safe_to_ask_again() -> None:
    def gone(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text='{"progress": {}}\n')

    remote = Remote(Address("http://127.0.0.1:1"), httpx.MockTransport(gone))
    with pytest.raises(ServiceLost, match="again"):
        remote.perform("collect", {}, lambda _: None)


def test_a_command_that_is_interrupted_says_that_the_service_goes_on() -> None:
    def interrupted(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    told: list[Any] = []
    remote = Remote(Address("http://127.0.0.1:1"), httpx.MockTransport(interrupted))
    with pytest.raises(KeyboardInterrupt):
        remote.perform("collect", {}, told.append)
    assert [each["hint"].partition(";")[0] for each in told] == ["The service at http://127.0.0.1:1 goes on with it"]


def test_the_local_token_is_readable_by_its_owner_only_and_not_shown(tmp_path: Path) -> None:
    address = Address("http://127.0.0.1:8501")
    address.write(tmp_path)
    assert stat.S_IMODE((tmp_path / "service.json").stat().st_mode) == 0o600
    assert Address.read(tmp_path) == address
    assert address.token not in repr(address)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"url": "x", "more": 1}'])
def test_a_damaged_service_file_counts_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "service.json").write_text(content)
    assert Address.read(tmp_path) is None


def test_what_a_killed_service_left_behind_is_removed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    Address("http://127.0.0.1:9", pid=1).write(data)
    with session(Settings(data=data), reading=False) as found:
        assert isinstance(found, Direct)
    assert Address.read(data) is None


def test_a_folder_held_by_somebody_who_does_not_answer_is_busy(tmp_path: Path) -> None:
    holder = """
import sys, duckdb
held = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""
    data = tmp_path / "data"
    with session(Settings(data=data), reading=False):
        pass
    store = str(data / "events.duckdb")
    with subprocess.Popen(
        [sys.executable, "-c", holder, store], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(StoreBusy) as caught, session(Settings(data=data), reading=True, patience=0.2):
            pass
        assert caught.value.exit_code == 4
        assert str(process.pid) in str(caught.value)
        process.communicate("")


def test_reading_an_empty_or_missing_folder_makes_nothing(tmp_path: Path) -> None:
    missing, empty = tmp_path / "missing", tmp_path / "empty"
    empty.mkdir()
    for data in (missing, empty):
        with session(Settings(data=data), reading=True) as found:
            result = found.perform("metric", {"name": "change_lead_time"}, lambda _: None)
            assert result["status"] in {"no_data", "not_observable"}
    assert not missing.exists()
    assert not list(empty.iterdir())


def test_a_data_folder_inside_a_clone_stays_out_of_its_status(tmp_path: Path) -> None:
    with opened(Settings(data=tmp_path / "data")):
        assert (tmp_path / "data" / ".gitignore").read_text() == "*\n"
