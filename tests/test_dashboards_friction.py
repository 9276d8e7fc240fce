"""The page Friction: bars and brackets, a kind that opens to its waits, what if, and what it cannot tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import friction_charts, friction_data
from dashboards.friction_data import bar_records, row_records, table_records, tie_records
from metrics.friction.board import Board, board
from metrics.friction.corroboration import Felt
from metrics.friction.measuring import Measured
from metrics.query import Query
from test_friction_board import ALL, MONTHS, WINDOW, cells, weekly
from tribometer.settings import Friction

LOST = {"review_wait": 30.0, "red_default_branch": 29.0, "ci_queue": 3.0}
DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
ROW = {
    "at": DAY, "subject": "acme/s1#7", "service": "s1", "team": "t1", "pipeline": None, "unit": "change",
    "source": "forge", "id": "7", "span_from": DAY, "span_to": DAY + timedelta(hours=3), "waited": 10_800.0,
    "people": 1.0, "attention": 0.5, "lost_seconds": 5_400.0,
}  # fmt: skip


class Source:
    """What the service would give the page."""

    def __init__(self, found: Measured, felt: Mapping[str, Felt] | None, settings: Friction) -> None:
        self.found, self.felt, self.settings = found, felt, settings

    def measured(self, query: Query) -> Measured:
        """The same, whatever is asked."""
        assert query.metric == "friction_cost"
        return self.found

    def board(self, query: Query, found: Measured) -> Board:
        """Ranked."""
        return board(
            found.cells, found.weeks, window=query.window, scope=query.scope, months=found.months,
            observable=found.observable, settings=self.settings, felt=self.felt,
        )  # fmt: skip

    def rows(self, query: Query, kind: str, newest: int) -> list[dict[str, Any]]:
        """One wait."""
        assert (kind in ALL, newest > 1, query.service) == (True, True, None)
        return [ROW]


def measured(hours: Mapping[str, float], teams: int = 10, observable: frozenset[str] = ALL) -> Measured:
    lost = cells(dict(hours), teams)
    weeks = tuple(weekly("review_wait", {"t1": 3.0, "t2": 1.0})) if hours else ()
    return Measured(tuple(lost), weeks, MONTHS, observable, 120, {"s1": "golden"}, None, None)


def page() -> None:
    """Run by AppTest as a script of its own."""
    from dashboards.views import friction  # noqa: PLC0415 - a script of its own
    from survey_page_reader import READER  # noqa: PLC0415 - as above

    friction.render(READER)


def opened(
    found: Measured,
    felt: Mapping[str, Felt] | None = None,
    settings: Friction | None = None,
    address: Mapping[str, str] | None = None,
) -> AppTest:
    friction_data.attend(Source(found, felt, settings or Friction()))
    app = AppTest.from_function(page, default_timeout=30)
    for name, value in (address or {}).items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    drawn = (*app.title, *app.header, *app.markdown, *app.caption, *app.info, *app.warning)
    return "\n".join(str(each.value) for each in drawn)


def test_the_costliest_is_named_with_what_it_cannot_be_told_apart_from() -> None:
    told = words(opened(measured(LOST), settings=Friction(loaded_rate=100, currency="CHF")))

    assert "**Waiting for a review** costs most." in told
    assert "hours a month" in told
    assert "CHF" in told


def test_few_teams_have_neither_interval_nor_order() -> None:
    app = opened(measured(LOST, teams=3))
    made = Source(measured(LOST, 3), None, Friction()).board(Query("friction_cost", now=DAY), measured(LOST, 3))

    assert "nobody can say that it is more than chance" in words(app)
    assert tie_records(made) == []
    assert table_records(made)[0]["Rank"] == "1?"


def test_what_nothing_tells_of_is_not_nought() -> None:
    told = words(opened(measured({"review_wait": 30.0}, observable=frozenset({"review_wait", "provisioning"}))))

    assert "Not observable, which is not 0:" in told
    assert "- Waiting for a CI runner: connect a source of `job`, `run` events." in told
    assert "None in this period: Waiting for the platform." in told


def test_an_empty_store_says_what_to_connect() -> None:
    told = words(opened(measured({}, observable=frozenset())))

    assert "Nothing was lost that any source tells of in this period." in told
    assert "- Waiting for a review: connect a source of" in told


def test_without_a_survey_the_page_says_which_to_open() -> None:
    assert "tribometer survey open quarterly" in words(opened(measured(LOST)))


def test_what_people_say_stands_beside_with_what_to_do() -> None:
    fine = Felt(None, 0.9, None)
    felt = {"review": Felt(2.0, 0.2, None), "builds": fine, "deploy": fine, "meetings": Felt(4.0, 0.1, 12.0)}
    told = words(opened(measured({"review_wait": 90.0, "ci_queue": 3.0, "provisioning": 1.0}), felt))

    assert "**Felt and measured**: review. Act" in told
    assert "**Felt only**: meetings." in told


def test_a_kind_opens_to_its_waits_its_definition_and_its_factors() -> None:
    waits = opened(measured(LOST), address={"behind-kind": "Waits"})
    definition = words(opened(measured(LOST), address={"behind-kind": "Definition"}))

    assert "a row is one business day of one of them" in words(waits)
    assert "How long do changes wait until anybody looks at them?" in definition
    assert "x 0.5 attention, at most 5 days" in definition


def test_no_column_of_a_wait_names_anybody() -> None:
    (row,) = row_records([ROW])

    assert row["Lost, h"] == pytest.approx(1.5)
    assert set(row) == {"Day", "What", "Where", "From", "To", "Waited, h", "People", "Attention", "Lost, h"}


def test_what_if_answers_as_the_slider_moves() -> None:
    app = opened(measured(LOST))
    app.slider(key="less-by").set_value(100).run()

    assert "Waiting for a review: 100 % less" in words(app)
    assert "Hours fall in proportion to the wait" in words(app)


def test_a_question_that_has_no_answer_says_why() -> None:
    app = opened(measured(LOST))
    app.segmented_control(key="what-if").set_value("One pipeline mended").run()

    assert "No hours of this board lie in a pipeline." in words(app)


def test_a_platform_team_is_compared_for_the_whole_organisation_only() -> None:
    assert "A team could return" in words(opened(measured(LOST)))
    assert "A team could return" not in words(opened(measured(LOST), address={"team": "checkout"}))


def test_brackets_that_overlap_stand_in_lanes_of_their_own() -> None:
    hours = {"review_wait": 10.0, "ci_queue": 10.0, "rework": 10.0, "provisioning": 0.1}
    made = board(cells(hours), window=WINDOW, scope={}, months=MONTHS, observable=ALL, settings=Friction())
    (tie,) = tie_records(made)
    chart = friction_charts.ranking(bar_records(made), tie_records(made)).to_dict()

    assert (tie["lane"], tie["words"].count(",")) == (0, 2)
    assert "Unplanned rework|" in str(chart)
