from __future__ import annotations

import factories as make
from factories import day
from metric_answers import RULES, landed, query, rows
from metrics import times, unit_rows
from metrics.history import Times
from test_metrics_core import delivered

FREQUENCY = "deployment_frequency"
TEAMS = [
    make.event("team", "shop", parent="retail"),
    make.event("team", "retail"),
    make.ownership("o1", "shop", repository="acme/api"),
]


def test_the_first_and_the_newest_times_are_those_of_counted_units() -> None:
    with landed(delivered("api", 9)) as reader:
        found = times(reader, query(FREQUENCY), RULES, 2)

    assert found == Times(day(1, 10), (day(9, 10), day(8, 10)))


def test_a_team_has_the_times_of_what_its_descendants_own_through_a_repository() -> None:
    with landed([*delivered("api", 3), *delivered("web", 6), *TEAMS]) as reader:
        found = times(reader, query(FREQUENCY, team="retail"), RULES, 6)

    assert found.newest == (day(3, 10), day(2, 10), day(1, 10))


def test_a_scope_without_units_has_no_first_time() -> None:
    with landed(delivered("api", 3)) as reader:
        assert times(reader, query(FREQUENCY, service="web"), RULES, 6) == Times(None)


def test_the_newest_rows_are_the_last_of_all_rows_turned_round() -> None:
    with landed(delivered("api", 9)) as reader:
        newest = list(unit_rows(reader, query(FREQUENCY), RULES, newest=4))

    assert newest == rows(FREQUENCY, delivered("api", 9))[:-5:-1]
