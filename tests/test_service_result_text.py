"""What a reader in a terminal is told beside the value, and with what a number is redone."""

from __future__ import annotations

import pytest

import factories as make
from factories import Event, day
from metric_answers import answer, landed, query
from metrics import CATALOGUE, explain
from test_metrics_ci import API, job, run
from test_metrics_pipeline_drift import DEPLOYED, pipeline, release, workflow
from tribometer.service.result_text import MOST_LITERALS, readable, write_explanation, write_result
from tribometer.settings import Rules

WEEK = {"start": day(0), "end": day(7)}


def flaky() -> list[Event]:
    """Two pairs of tree and workflow, of which one failed and then passed."""
    tree = {"tree_sha": make.sha_of("tree")}
    return [API, run("a", 10, "failure", **tree), run("b", 20, **tree), run("c", 10)]


def test_a_number_is_told_with_what_it_is_divided_by_and_with_units_to_look_at(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with landed(flaky()) as reader:
        told = explain(reader, query("ci_flake_rate", **WEEK), Rules()).to_dict()

    write_explanation(told)

    out = capsys.readouterr().out
    assert "All together: 1 of the 2 units have the value 1, 1 / 2 = 50 %." in out
    assert "beside     flaky failure share: 100 %" in out
    assert f"acme/api/ci@{make.sha_of('tree')}" in out
    assert "it runs as it is on the store" in out


def test_differences_from_the_golden_path_are_named_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    mine = pipeline(content=workflow("uses: acme/scan@v1"))

    write_result(answer("pipeline_drift", [release(1, "scan", "sign"), mine, make.service("api"), *DEPLOYED], **WEEK))

    lines = [
        line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line.startswith("  differences")
    ]
    assert [text for _, text in lines] == [
        "1 release behind: tied to none, newest v1",
        "missing step: sign",
        "unpinned action: acme/scan@v1 (tag)",
    ]


def test_a_long_list_of_literals_is_cut_short() -> None:
    rows = [f"        ('t{n}')," for n in range(MOST_LITERALS + 5)]
    short = readable("\n".join(["SELECT (VALUES", *rows, "    ) AS t(team)"]))

    assert short.splitlines() == [
        "SELECT (VALUES", *rows[:MOST_LITERALS], "        -- and further rows", "    ) AS t(team)",
    ]  # fmt: skip


def test_one_of_anything_is_told_in_the_singular(capsys: pytest.CaptureFixture[str]) -> None:
    write_result(answer("ci_attempts_per_run", [API, run("a", 10), job("a", "test", 10)], **WEEK))

    assert "value      1 attempt  (mean" in capsys.readouterr().out


@pytest.mark.parametrize("metric", sorted(name for name, each in CATALOGUE.items() if each.beside and not each.people))
def test_a_field_beside_the_value_that_nothing_tells_breaks_no_line(
    metric: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_result(answer(metric, [API, run("a", 10)], **WEEK))

    assert capsys.readouterr().out.startswith(f"{metric} (definition version ")
