"""The survey pages: groups by topics with what is hidden drawn as hidden, and what respondents get back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import altair as alt
import pytest
from streamlit.testing.v1 import AppTest

from dashboards import survey_charts, survey_data
from dashboards.survey_data import CANNOT_TELL, HIDDEN, change, heat_records, heat_table, in_tree_order, previous_of
from survey_waves import Person, closed_wave, instrument, item
from surveys.instrument import Instrument
from surveys.results import WaveResults, results
from tribometer.privacy.published import SUPPRESSED, Bounds, Published

CLOSED = datetime(2026, 3, 16, 9, tzinfo=UTC)
ABOVE = {"checkout": "commerce", "search": "commerce", "commerce": None, "mobile": None}
ASKED = instrument(item("Q01"), item("Q02", reverse=True), item("Q22", "hours"), item("C1", "text"), slug="asked_v1")


def wave(name: str, sizes: Mapping[str, int], *, low: int = 4, closed_at: datetime = CLOSED) -> WaveResults:
    """A closed wave in which these teams answered Q01 with a value and Q02 with a 2."""
    people = [
        Person(team, {"Q01": low, "Q02": 2, "Q22": 4}, comment=f"remark of {team}")
        for team, size in sizes.items()
        for _ in range(size)
    ]
    made = results(closed_wave(people, teams=ABOVE, slug=ASKED.slug), ASKED, lambda text: text)
    return WaveResults(**{**made.__dict__, "wave": name, "closed_at": closed_at})


class Surveys:
    """What the service would give the pages."""

    def __init__(self, *waves: WaveResults, action: str | None = None) -> None:
        self._waves = waves
        self._action = action

    def closed_waves(self) -> Sequence[WaveResults]:
        """Every closed wave."""
        return self._waves

    def instrument(self, slug: str) -> Instrument:
        """The one instrument."""
        assert slug == ASKED.slug
        return ASKED

    def teams(self, wave: str) -> Mapping[str, str | None]:
        """The teams of every wave."""
        assert wave in {each.wave for each in self._waves}
        return ABOVE

    def action(self, wave: str) -> tuple[str, datetime | None] | None:
        """What is promised."""
        assert wave
        return None if self._action is None else (self._action, CLOSED + timedelta(days=3))


SPRING = wave("spring", {"checkout": 9, "search": 7, "mobile": 3})


def test_teams_stand_below_the_one_above_them_by_name() -> None:
    assert in_tree_order(ABOVE) == [("commerce", 0), ("checkout", 1), ("search", 1), ("mobile", 0)]


def test_teams_in_a_circle_stand_at_the_end() -> None:
    assert in_tree_order({"a": "b", "b": "a"}) == [("a", 0), ("b", 0)]
    assert in_tree_order({"a": "a", "c": None}) == [("c", 0), ("a", 0)]


def test_a_hidden_cell_says_so_and_has_no_number() -> None:
    records = {(each["group"].strip(), each["item"]): each for each in heat_records(SPRING, ASKED, ABOVE)}

    hidden = records["mobile", "Q01"]
    assert (hidden["share"], hidden["words"], hidden["interval"], hidden["people"]) == (None, HIDDEN, "", "")
    assert records["Everybody", "Q01"]["words"] == "95 %"


def test_the_table_has_what_the_heat_map_shows() -> None:
    table = heat_table(heat_records(SPRING, ASKED, ABOVE))

    assert list(table["Group"].str.strip()) == ["Everybody", "commerce", "checkout", "search", "mobile"]
    assert HIDDEN in set(table.iloc[:, 1])


def test_the_heat_map_is_a_chart_of_its_schema() -> None:
    chart = survey_charts.heat_map(heat_records(SPRING, ASKED, ABOVE))

    assert isinstance(chart, alt.LayerChart)
    chart.to_dict(validate=True)


def published(value: float, low: float, high: float) -> Published:
    return Published("ok", value, Bounds(low, high, "wilson"), "20-49")


def test_a_change_is_told_where_it_is_more_than_chance() -> None:
    assert change(published(0.8, 0.7, 0.9), published(0.4, 0.3, 0.5)).verdict == "better"
    assert change(published(0.4, 0.3, 0.5), published(0.8, 0.7, 0.9)).words.startswith("worse: -55 to -25")
    assert change(published(0.5, 0.3, 0.7), published(0.4, 0.2, 0.6)).words == CANNOT_TELL


@pytest.mark.parametrize("missing", [None, SUPPRESSED])
def test_nothing_can_be_told_of_what_is_hidden_on_either_side(missing: Published | None) -> None:
    told = published(0.8, 0.7, 0.9)

    assert change(told, missing).words == change(missing, told).words == CANNOT_TELL


def test_the_wave_before_is_of_the_same_instrument() -> None:
    older = wave("winter", {"checkout": 9}, closed_at=CLOSED - timedelta(days=90))
    oldest = wave("autumn", {"checkout": 9}, closed_at=CLOSED - timedelta(days=180))

    assert previous_of(SPRING, [SPRING, oldest, older]) is older
    assert previous_of(oldest, [SPRING, oldest, older]) is None


def results_page() -> None:
    """Run by AppTest as a script of its own."""
    from dashboards.views import survey_results  # noqa: PLC0415 - a script of its own
    from survey_page_reader import READER  # noqa: PLC0415 - as above

    survey_results.render(READER)


def heard_page() -> None:
    """Run by AppTest as a script of its own."""
    from dashboards.views import what_we_heard  # noqa: PLC0415 - a script of its own
    from survey_page_reader import READER  # noqa: PLC0415 - as above

    what_we_heard.render(READER)


def drawn(page: Callable[[], None], *waves: WaveResults, action: str | None = None) -> str:
    """Everything a page says."""
    survey_data.attend(Surveys(*waves, action=action))
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    kinds = (app.markdown, app.caption, app.info, app.warning, app.success, app.subheader, app.text)
    texts = [each.value for kind in kinds for each in kind]
    tables = [each.value.to_string() for each in app.dataframe]
    return "\n".join(map(str, [*texts, *tables]))


@pytest.mark.parametrize("page", [results_page, heard_page])
def test_without_a_closed_wave_a_page_says_what_to_do(page: Callable[[], None]) -> None:
    assert "closed" in drawn(page)


def test_leaders_see_groups_by_topics_and_no_ranking() -> None:
    older = wave("winter", {"checkout": 9, "search": 7, "mobile": 6}, low=1, closed_at=CLOSED - timedelta(days=90))
    text = drawn(results_page, SPRING, older)

    assert HIDDEN in text
    assert "Teams stand in the order of the organisation" in text
    assert "Change since winter" in text
    assert "better" in text


def test_comments_stand_apart_and_only_of_large_groups() -> None:
    text = drawn(results_page, wave("spring", {"checkout": 15, "search": 12}))

    assert "commerce: remark of checkout" in text
    assert "remark" not in drawn(results_page, wave("spring", {"checkout": 5, "search": 3}))


def test_respondents_see_what_was_said_and_what_is_promised() -> None:
    text = drawn(heard_page, SPRING, action="Fewer flaky checks by June")

    assert "What we do about it: Fewer flaky checks by June" in text
    assert "What goes well" in text
    assert "disagree" in text


def test_a_promise_that_is_missing_is_said_with_the_age_of_the_results() -> None:
    assert "Nothing is promised yet. The results are 84 days old." in drawn(heard_page, SPRING)


def test_too_few_answers_tell_respondents_nothing() -> None:
    assert "so nothing is told" in drawn(heard_page, wave("spring", {"mobile": 3}))
