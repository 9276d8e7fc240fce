"""``tribometer collect`` as a person and a script see it."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import collectors
from scripted_forge import forge
from tribometer.service import cli, command_events

Ran = tuple[int, str, str]
Run = Callable[..., Ran]
QUOTA = {"x-ratelimit-remaining": "41"}
ACME: dict[str, Any] = {
    "/repos": (200, QUOTA, ["a", "b"]),
    "/repos/a/teams": (200, QUOTA, ["one", "two"]),
    "/repos/b/teams": (403, {}, {"message": "no access"}),
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in an empty folder, where forges are known."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(collectors.COLLECTORS, "forge", "scripted_forge")
    for name in [each for each in os.environ if each.startswith("TRIBOMETER_")]:
        monkeypatch.delenv(name)

    def ran(*arguments: str) -> Ran:
        with pytest.raises(SystemExit) as end:
            cli.main(list(arguments))
        written = capsys.readouterr()
        return int(end.value.code or 0), written.out, written.err

    return ran


def configure(*tables: str) -> None:
    Path("tribometer.toml").write_text("".join(f'[[sources]]\nkind = "forge"\n{table}\n' for table in tables))


def test_a_family_is_one_line_and_says_which_of_its_parts_could_not_be_read(run: Run) -> None:
    with forge(ACME) as url:
        configure(f'owner = "acme"\nurl = "{url}"')
        code, out, said = run("collect")
    head, line = out.splitlines()
    assert " ".join(head.split()) == "source new updated unchanged rejected requests quota left seconds next cursor"
    assert re.fullmatch(r"forge:acme \(2 parts\) +2 +0 +0 +0 +[23] +41 +[\d.]+ +2 repositories", line)
    assert "forge:acme/b: could not be read: /repos/b/teams is forbidden (no access)\n  -> Give" in said
    assert code == 1


def test_the_json_document_holds_the_parts(run: Run) -> None:
    with forge(ACME) as url:
        configure(f'owner = "acme"\nurl = "{url}"')
        code, out, _ = run("collect", "--json")
    [told] = json.loads(out)["sources"]
    found = {each["source"]: (each["new"], each["error"] is None) for each in told["members"]}
    assert found == {"forge:acme/a": (2, True), "forge:acme/b": (0, False)}
    assert code == 1


def test_a_family_all_of_whose_parts_were_read_is_done(run: Run) -> None:
    with forge({"/repos": ["a"], "/repos/a/teams": ["one"]}) as url:
        configure(f'owner = "acme"\nurl = "{url}"')
        code, out, _ = run("collect")
    assert code == 0
    assert "forge:acme (1 part) " in out


def test_a_missing_secret_fails_its_source_and_naming_it_is_wrong_usage(run: Run) -> None:
    with forge(ACME) as url:
        configure(f'owner = "acme"\nurl = "{url}"', f'owner = "bare"\nurl = "{url}"\ntoken = {{env = "NO_SUCH_TOKEN"}}')
        code, out, said = run("collect")
        named, _, why = run("collect", "forge:bare")
    assert (code, named) == (1, 2)
    assert "forge:acme (2 parts)" in out
    assert "NO_SUCH_TOKEN" in said
    assert "NO_SUCH_TOKEN" in why


def test_a_key_that_is_none_fails_its_source_and_says_where_it_stands(run: Run) -> None:
    Path("app.pem").write_text("hunter2")
    app = 'kind = "github"\nowner = "ours"\napp = {id = 1, key = {file = "app.pem"}, installation = 2}\n'
    with forge(ACME | {"/repos/b/teams": []}) as url:
        configure(f'owner = "acme"\nurl = "{url}"')
        with Path("tribometer.toml").open("a") as file:
            file.write(f"[[sources]]\n{app}")
        code, out, said = run("collect")
    assert code == 1
    assert "forge:acme (2 parts)" in out
    assert "file app.pem: sources[1].app.key: what stands there is no private RSA key. Put the PEM file there" in said
    assert "hunter2" not in said


def test_a_recording_is_made_and_replayed_without_the_credential(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORGE_TOKEN", "hunter2")
    with forge(ACME) as url:
        configure(f'owner = "acme"\nurl = "{url}"\ntoken = {{env = "FORGE_TOKEN"}}')
        first, *_ = run("collect", "--record", "tape")
        again, _, why = run("collect", "--record", "tape")
    monkeypatch.delenv("FORGE_TOKEN")
    replayed, out, _ = run("--data", "elsewhere", "collect", "--replay", "tape", "--json")
    # the part that is forbidden is so again
    assert (first, again, replayed) == (1, 2, 1)
    assert "Name a new folder for the recording" in why
    assert json.loads(out)["sources"][0]["new"] == 2
    assert "no access" in Path("tape/forge_acme.jsonl").read_text()


@pytest.mark.parametrize("command", [(), ("collect",), ("token", "add")])
def test_help_is_given_for_h_too(run: Run, command: tuple[str, ...]) -> None:
    assert run(*command, "-h") == run(*command, "--help")


def test_the_doctor_names_what_a_collection_could_not_read_and_ends_as_that_did(run: Run) -> None:
    with forge(ACME) as url:
        configure(f'owner = "acme"\nurl = "{url}"')
        collected, *_ = run("collect")
        looked, out, _ = run("doctor", "--offline")
    assert (collected, looked) == (1, 1)
    assert "broken: forge:acme/b: could not be read: /repos/b/teams is forbidden" in out
    assert "fresh, 1 of 2 parts failing" in out
    assert "all but 1 part read" in out


@pytest.mark.parametrize(
    "wrong", ['kind = "gti"', 'kind = "git"\npth = "."', 'owner = "x"', 'kind = "git"\nreleases = "("']
)
def test_a_wrong_table_fails_alone_and_is_told_with_its_place(run: Run, wrong: str) -> None:
    with forge(ACME | {"/repos/b/teams": []}) as url:
        configure(f'owner = "acme"\nurl = "{url}"')
        with Path("tribometer.toml").open("a") as file:
            file.write(f"[[sources]]\n{wrong}\n")
        code, out, said = run("collect")
        looked, report, _ = run("doctor", "--offline")
    assert (code, looked) == (1, 1)
    assert "forge:acme (2 parts)" in out
    assert "tribometer.toml: sources[1]" in said
    assert "cannot be collected: its table is wrong" in report


def test_a_spent_quota_is_waited_for_and_no_failure_of_the_words(run: Run) -> None:
    spent: Any = {"/repos": (429, {"retry-after": "3600"}, {})}
    with forge(spent) as url:
        configure(f'owner = "acme"\nurl = "{url}"\npatience = 0')
        code, _, said = run("collect")
        _, report, _ = run("doctor", "--offline")
    assert code == 1
    assert re.search(r"forge:acme: waiting for the quota until \d\d:\d\d UTC; what was read is kept", said)
    assert "waits for the quota" in report


def test_an_interrupt_before_anything_was_read_says_that_nothing_is_lost(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command_events, "session", interrupted)
    configure('owner = "acme"\nurl = "http://127.0.0.1:1"')
    code, _, said = run("collect")
    assert code == 130
    assert said.startswith("Interrupted. Nothing is lost")
