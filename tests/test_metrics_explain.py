from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from statistics import median

import pyarrow as pa
import pytest

import factories as make
from factories import day
from metric_answers import NOW, landed, query, rows
from metrics import CATALOGUE, explain
from metrics.compose import FEW_LITERALS, MOST_LITERALS, chain, literal, literal_table, statement
from test_metrics_core import delivered
from tribometer.errors import UsageError
from tribometer.events import parse_event
from tribometer.settings import Rules
from tribometer.store import EventStore

WITH_UNITS = [name for name, metric in CATALOGUE.items() if metric.statistic is not None]
RULES = Rules(timezone="Europe/Berlin")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventStore]:
    """Nine deliveries, to be read by many."""
    with EventStore.open(tmp_path_factory.mktemp("delivered"), RULES, clock=lambda: NOW) as held:
        held.land([parse_event(each) for each in delivered("it's", 9)], source="test")
        held.refresh()
        yield held


@pytest.mark.parametrize(("name", "clock"), list(zip(WITH_UNITS, cycle(["calendar", "business"]), strict=False)))
def test_the_printed_statement_runs_as_it_is_and_gives_the_same_numbers(
    store: EventStore, name: str, clock: str
) -> None:
    with store.reader() as reader:
        scope = {} if CATALOGUE[name].people else {"service": "it's"}
        told = explain(reader, query(name, clock=clock, **scope), RULES)
    with store.reader() as reader:
        fresh = [row for row in reader.rows(told.sql) if row[1] == 1] if told.result.n else []

    assert told.counted == told.result.n == (fresh[0][2] if fresh else 0)
    if fresh and CATALOGUE[name].unit in {"seconds", "share"}:
        assert fresh[0][3] == pytest.approx(told.result.value)


def test_the_printed_statement_needs_no_table_but_the_stores() -> None:
    with landed(delivered("api", 9)) as reader:
        told = explain(reader, query("change_lead_time", clock="business"), RULES)
    with landed(delivered("api", 9)) as untouched:
        (pooled,) = [row for row in untouched.rows(told.sql) if row[1] == 1]

    assert pooled[2] == told.result.n == 8


def test_every_unit_looked_at_is_a_row_with_its_rule() -> None:
    found = rows("change_lead_time", delivered("api", 4))

    assert [(row["unit"], row["counted"], row["rule"]) for row in found] == [
        ("deployment", False, "E5"),
        ("commit", True, None),
        ("commit", True, None),
        ("commit", True, None),
    ]
    assert found[1]["evidence"]["finished_at"] == found[1]["at"]
    assert found[0]["value"] is None


def test_commits_that_no_deployment_has_shipped_are_counted_as_waiting() -> None:
    later = make.commit("acme/api", make.sha_of("later"), day(20), make.sha_of("acme/api3"))
    with landed([*delivered("api", 4), later]) as reader:
        told = explain(reader, query("change_lead_time"), RULES)
        elsewhere = explain(reader, query("change_lead_time", service="web"), RULES)
        unasked = explain(reader, query("deployment_frequency"), RULES)

    assert (told.waiting, elsewhere.waiting, unasked.waiting) == (1, 0, None)


def test_the_definition_is_told_with_its_formula_its_rules_and_what_it_is_not_compared_with() -> None:
    with landed([]) as reader:
        told = explain(reader, query("change_fail_rate"), RULES).to_dict()

    metric = CATALOGUE["change_fail_rate"]
    assert (told["formula"], told["rules"]) == (metric.formula, list(metric.rules))
    assert told["not_comparable"] == list(metric.not_comparable)


def test_a_composition_has_no_rows_of_its_own() -> None:
    composed = [name for name, metric in CATALOGUE.items() if metric.compose is not None]

    for name in composed:
        with pytest.raises(UsageError, match="other metrics"):
            rows(name, [])


def test_a_number_is_redone_from_what_was_aggregated_of_its_units() -> None:
    with landed(delivered("api", 6)) as reader:
        told = explain(reader, query("change_lead_time"), RULES)
        nothing = explain(reader, query("change_lead_time", service="web"), RULES)

    whole, *services = told.by_hand
    assert (whole["service"], [each["service"] for each in services]) == ("all together", ["api"])
    assert told.result.value == whole["value"] == median(each["value"] for each in told.units)
    assert whole["n"] == told.counted == len(told.units)
    assert all(unit["counted"] for unit in told.units)
    assert (nothing.by_hand, nothing.units) == ((), ())


def test_of_a_table_too_large_to_write_the_first_rows_are_told() -> None:
    rows = MOST_LITERALS + 1
    text = literal_table(pa.table({"team": [f"t{n}" for n in range(rows)]}))

    assert text.startswith(f"-- the first {FEW_LITERALS} of {rows:,} rows")
    assert text.count("('t") == FEW_LITERALS


def test_facts_come_after_what_they_read() -> None:
    found = list(chain(["lead_units"]))

    assert found.index("bots") < found.index("carried_known") < found.index("carried_commits")
    assert found[-1] == "lead_units"


def test_a_statement_without_facts_is_the_select_itself() -> None:
    assert statement({}, "SELECT 1 AS one") == "SELECT 1 AS one"


@pytest.mark.parametrize(("value", "text"), [(None, "NULL"), (True, "TRUE"), (1.5, "1.5"), ("it's", "'it''s'")])
def test_literals_are_quoted(value: object, text: str) -> None:
    assert literal(value) == text
