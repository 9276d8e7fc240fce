"""Who is a bot by any of the handles that are joined is one wherever bots are left out (E14)."""

from typing import Any

import pytest

import factories as make
from factories import Event, day
from metric_answers import answer, version

MAIL = "robo@example.org"
KNOWN = make.person(MAIL, kind="bot", handles=None)


def shipped() -> list[Event]:
    """One commit of robo, one of ann and one before them, each deployed a day after the other."""
    shas = [make.sha_of(name) for name in "abc"]
    authors = ("ann", "robo", "ann")
    commits = [
        make.commit("acme/api", sha, day(number, 9), *shas[max(0, number - 1) : number], author=author)
        for number, (sha, author) in enumerate(zip(shas, authors, strict=True), start=1)
    ]
    versions = [version(sha[:4], day(number, 10), sha=sha) for number, sha in enumerate(shas, start=1)]
    return [make.service("api", repository="acme/api"), *commits, *versions]


@pytest.mark.parametrize(
    ("declared", "left_out"),
    [
        ([], {}),
        ([KNOWN], {}),
        ([KNOWN, make.person("robo", handles=[MAIL])], {"E14": 1}),
        ([KNOWN, make.person("7", handles=["robo", "login"]), make.person("8", handles=["login", MAIL])], {"E14": 1}),
        ([KNOWN, make.person("7", handles=["robot", MAIL])], {}),
    ],
)
def test_lead_time_leaves_out_a_bot_by_any_handle_it_is_joined_by(
    declared: list[Event], left_out: dict[str, Any]
) -> None:
    found = answer("change_lead_time", [*shipped(), *declared])
    assert {rule: count for rule, count in found["exclusions"].items() if rule == "E14"} == left_out
    assert found["n"] == 2 - len(left_out)
