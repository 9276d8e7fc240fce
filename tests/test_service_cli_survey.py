"""``tribometer survey``, as somebody types it."""

import csv
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tribometer.service import cli


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in a folder with an address book of twelve people."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("TRIBOMETER_"):
            monkeypatch.delenv(name)
    people = [f"p{number}@acme.example,{('red', 'blue')[number % 2]}" for number in range(12)]
    Path("people.csv").write_text("\n".join(["address,team", *people]), encoding="utf-8")

    def ran(*arguments: str) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main(["survey", *arguments])
        written = capsys.readouterr()
        return Ran(int(end.value.code or 0), written.out, written.err)

    return ran


def test_a_wave_from_its_opening_to_its_results(run: Run) -> None:
    opened = run("open", "quarterly", "--wave", "spring", "--channel", "links", "--people", "people.csv", "--json")
    assert (opened.code, json.loads(opened.out)["invited"]) == (0, 12)
    assert run("links", "spring", "--to", "links.csv").err.startswith("12 links are in ")
    rows = list(csv.DictReader(Path("links.csv").read_text(encoding="utf-8").splitlines()))
    assert len({row["link"] for row in rows}) == 12
    assert "blue  5-9      <60" in run("status", "spring").out
    assert "spring is closed" in run("close", "spring").err
    results = run("results", "spring", "--by", "team", "--json")
    told = json.loads(results.out)
    assert (results.code, told["response"], {each["status"] for each in told["cells"]}) == (0, None, {"no_data"})
    assert run("promise", "spring", "Fewer flaky checks by June").err == "Noted for spring.\n"
    assert "spring" in run("list").out


def test_an_invitation_is_taken_back(run: Run) -> None:
    run("open", "quarterly", "--wave", "spring", "--channel", "links", "--people", "people.csv")
    assert run("revoke", "spring", "P1@acme.example").code == 0
    run("links", "spring", "--to", "links.csv")
    assert "p1@acme.example" not in Path("links.csv").read_text(encoding="utf-8")


def test_a_survey_is_shown_as_respondents_see_it(run: Run) -> None:
    assert "long stretch to concentrate" in run("preview", "pulse").out
    assert "Stimme" in run("preview", "pulse", "--language", "de").out


def test_answers_from_elsewhere_are_imported_and_bad_rows_are_told(run: Run) -> None:
    Path("answers.csv").write_text("respondent,team,PU01\na@x.example,red,4\nb@x.example,red,seven\n", "utf-8")
    ran = run("import", "pulse", "answers.csv", "--wave", "autumn")
    assert (ran.code, ran.out.splitlines()[0]) == (3, "1 new, 0 updated, 0 unchanged, 1 rejected")
    assert "line 3: " in ran.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("open", "nonsense"), "There is no instrument 'nonsense'"),
        (("open", "pulse"), "No mail server is configured"),
        (("open", "pulse", "--channel", "pigeon"), "choose email, slack, teams, links"),
        (("open", "pulse", "--channel", "links", "--people", "nobody.csv"), "the address book cannot be read"),
        (("open", "after_deploy", "--channel", "links"), "is asked after events"),
        (("open", "pulse", "--channel", "links", "--to", "2020-01-01"), "before it opens"),
        (("open", "pulse", "--channel", "links", "--from", "soon"), "--from"),
        (("close", "nowhere"), "There is no wave 'nowhere'"),
        (("results", "nowhere"), "There is no wave 'nowhere'"),
        (("results", "nowhere", "--by", "person"), "No person is ever told of"),
        (("status", "nowhere"), "There is no wave 'nowhere'"),
        (("preview", "pulse", "--language", "xx"), "is not there in 'xx'"),
        (("import", "pulse", "nobody.csv", "--wave", "w"), "nobody.csv: No such file"),
        (("import", "pulse", "people.csv", "--wave", " "), "--wave needs a name"),
        (("import", "pulse", "people.csv", "--wave", "w", "--map", "sheets"), "this header map cannot be read"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(run: Run, arguments: tuple[str, ...], told: str) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_results_of_an_open_wave_are_refused(run: Run) -> None:
    run("open", "quarterly", "--wave", "spring", "--channel", "links", "--people", "people.csv")
    ran = run("results", "spring")
    assert (ran.code, "still open" in ran.err) == (2, True)
