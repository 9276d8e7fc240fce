"""Services that change hands: whose their past is, then or now, and comparisons that tell both (E25)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

import factories as make
import metrics
import plain_catalogue
from factories import Event, day
from metric_answers import NOW, RULES, answer, landed, query
from metrics import CATALOGUE, compute, reorganised
from organisations import organisation_of
from plain_delivery import Question
from plain_events import DAWN, at
from test_metrics_against_plain import disagreements, query_of
from tribometer.errors import UsageError

MOVED_ON = day(45)
"""`web` belongs to the shop until then, and to payments from then on."""
CLAIMS = [
    make.ownership("o1", "shop", service="web", valid_to=MOVED_ON),
    make.ownership("o2", "payments", service="web", valid_from=MOVED_ON),
    make.ownership("o3", "payments", service="pay"),
]
DEPLOYED = [
    *(make.deployment(f"w{number}", "web", day(number)) for number in (10, 20, 30, 40, 50)),
    *(make.deployment(f"p{number}", "pay", day(number)) for number in (15, 60, 70)),
]
EVENTS = [*CLAIMS, *DEPLOYED]


def counted(team: str, **options: Any) -> int:
    return int(answer("deployment_frequency", EVENTS, team=team, **options)["n"])


def has_moved(events: Sequence[Event], **options: Any) -> bool:
    with landed(events) as reader:
        return reorganised(reader, query("deployment_frequency", **options), RULES)


def test_the_past_of_a_service_counts_for_its_team_then_or_for_its_team_now() -> None:
    assert (counted("shop"), counted("payments")) == (4, 4)
    assert (counted("shop", owners="now"), counted("payments", owners="now")) == (0, 8)


@pytest.mark.parametrize(
    ("options", "moved"),
    [
        ({"team": "payments"}, True),
        ({"team": "shop"}, True),
        ({"team": "payments", "start": day(46)}, False),
        ({"team": "payments", "start": day(0), "end": day(40)}, True),
        ({"team": "shop", "start": day(46)}, False),
        ({"service": "web"}, False),
        ({}, False),
        ({"team": "payments", "owners": "now"}, False),
    ],
    ids=str,
)
def test_a_team_was_reorganised_where_what_it_owned_in_the_window_is_not_what_it_owns_now(
    options: dict[str, Any], *, moved: bool
) -> None:
    assert has_moved(EVENTS, **options) is moved


def test_a_move_below_the_team_asked_for_is_none() -> None:
    above = [make.event("team", each, name=each, parent="commerce") for each in ("shop", "payments")]

    assert not has_moved([*above, *EVENTS], team="commerce")


def test_a_repository_of_several_services_moves_too() -> None:
    shared = [make.event("service", name, name=name, repository="acme/mono", paths=[f"{name}/"]) for name in ("a", "b")]
    claims = [
        make.ownership("m1", "shop", repository="acme/mono", valid_to=MOVED_ON),
        make.ownership("m2", "payments", repository="acme/mono", valid_from=MOVED_ON),
    ]

    assert has_moved([*shared, *claims], team="shop")
    assert has_moved([*shared, *claims], team="payments")


def test_of_claims_that_stand_now_the_newest_counts_for_all_time() -> None:
    claims = [
        make.ownership("o1", "alpha", service="web"),
        make.ownership("o2", "zulu", service="web", valid_from=day(20)),
        make.ownership("o3", "beta", service="web", valid_from=day(30)),
        make.ownership("o4", "later", service="web", valid_from=NOW + (day(1) - day(0))),
    ]
    owners = {
        team: answer("deployment_frequency", [*claims, *DEPLOYED], team=team, owners="now")["n"]
        for team in ("alpha", "zulu", "beta", "later")
    }

    assert owners == {"alpha": 0, "zulu": 0, "beta": 5, "later": 0}


def test_owners_are_of_then_or_of_now() -> None:
    with pytest.raises(UsageError, match="owners: 'tomorrow' is not possible; choose then or now"):
        query("deployment_frequency", owners="tomorrow")


def frozen(events: Sequence[Event], now: datetime) -> list[Event]:
    """The events with one claim on each service and repository: the newest that stands now, for all time."""
    standing: dict[tuple[str | None, str | None], Event] = {}
    others: list[Event] = []
    for each in events:
        if each["type"] != "ownership" or each.get("person"):
            others.append(each)
            continue
        begun, ended = at(each, "valid_from") or DAWN, at(each, "valid_to")
        if not (begun <= now and (ended is None or now < ended)):
            continue
        key = (each.get("service"), None if each.get("service") else each.get("repository"))
        known = standing.get(key)
        if known is None or (begun, each["team"]) > (at(known, "valid_from") or DAWN, known["team"]):
            standing[key] = each
    return [*others, *({**each, "valid_from": None, "valid_to": None} for each in standing.values())]


@pytest.mark.parametrize("seed", [3])
def test_owners_of_now_are_those_of_an_organisation_that_never_changed(seed: int) -> None:
    organisation = organisation_of(seed)
    events = frozen(organisation.events, organisation.now)
    teams = sorted({each["team"] for each in organisation.events if each["type"] == "ownership"})
    scoped = [name for name, metric in CATALOGUE.items() if metric.people is None and name in plain_catalogue.METRICS]
    question = Question(organisation.now, organisation.window, team=teams[0])

    with landed(organisation.events, organisation.now) as reader:
        found = {
            name: disagreements(
                plain_catalogue.compute(name, events, question).whole.as_json(),
                metrics.compute(reader, query_of(name, question, owners="now"), RULES).to_dict(),
            )
            for name in scoped
        }
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_statement_explained_is_that_of_the_owners_of_now() -> None:
    with landed(EVENTS) as reader:
        asked = query("deployment_frequency", team="payments", owners="now")
        explained = metrics.explain(reader, asked, RULES)
        [n] = {row["n"] for row in reader.table(explained.sql).to_pylist() if row["is_pooled"] == 1}

    assert n == explained.result.n == compute_n(replace(asked, owners="now")) == 8


def compute_n(asked: metrics.Query) -> int | None:
    with landed(EVENTS) as reader:
        return compute(reader, asked, RULES).n
