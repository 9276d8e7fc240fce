"""The survey pages: groups by topics with what is hidden drawn as hidden, and what respondents get back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import altair as alt
import pytest
from streamlit.testing.v1 import AppTest

from dashboards import survey_charts, survey_data
from dashboards.survey_data import Asked, Unreached, WaveStanding, heat_table, published_csv
from dashboards.survey_groups import (
    CANNOT_TELL,
    Record,
    change,
    favourite_first,
    heat_records,
    in_tree_order,
    previous_of,
    topics,
)
from dashboards.survey_words import EVERYBODY, HIDDEN, NOBODY
from dashboards.views.survey_waves import next_step
from survey_waves import Person, closed_wave, instrument, item, options
from surveys.instrument import Instrument, shipped
from surveys.results import results
from surveys.wave_results import WaveResults
from tribometer.privacy.published import NO_DATA, SUPPRESSED, Bounds, Published
from tribometer.store.answers import WaveFacts

CLOSED = datetime(2026, 3, 16, 9, tzinfo=UTC)
ABOVE = {"checkout": "commerce", "search": "commerce", "commerce": None, "mobile": None}
ASKED = instrument(
    item("Q01"), item("Q02", reverse=True), item("Q22", "hours"), item("C1", "text"),
    item("Q23", "choices", most=2, options=options("review", "deploy")),
    item("Q24", "satisfaction", rows=options("review", "deploy")), slug="asked_v1",
)  # fmt: skip


def wave(name: str, sizes: Mapping[str, int], *, low: int = 4, closed_at: datetime = CLOSED) -> WaveResults:
    """A closed wave in which these teams answered Q01 with a value and Q02 with a 2."""
    people = [
        Person(team, {"Q01": low, "Q02": 2, "Q22": 4, "Q23": ("review",), "Q24:review": 2}, comment=f"remark of {team}")
        for team, size in sizes.items()
        for _ in range(size)
    ]
    made = results(closed_wave(people, teams=ABOVE, slug=ASKED.slug), ASKED, lambda text: text)
    return WaveResults(**{**made.__dict__, "wave": name, "closed_at": closed_at})


class Surveys:
    """What the service would give the pages."""

    def __init__(self, *waves: WaveResults, action: str | None = None, standings: Sequence[WaveStanding] = ()) -> None:
        self._waves = waves
        self._action = action
        self._standings = standings

    def closed_waves(self) -> Sequence[WaveResults]:
        """Every closed wave."""
        return self._waves

    def instrument(self, slug: str) -> Instrument:
        """The one instrument."""
        assert slug == ASKED.slug
        return ASKED

    def facts(self, wave: str) -> WaveFacts:
        """The teams of every wave."""
        assert wave in {each.wave for each in self._waves}
        return WaveFacts(wave, ASKED.slug, 5, 10, CLOSED, CLOSED, teams=ABOVE)

    def action(self, wave: str) -> tuple[str, datetime | None] | None:
        """What is promised."""
        assert wave
        return None if self._action is None else (self._action, CLOSED + timedelta(days=3))

    def standings(self) -> Sequence[WaveStanding]:
        """How waves stand."""
        return self._standings


SPRING = wave("spring", {"checkout": 9, "search": 7, "mobile": 3})


def test_teams_stand_below_the_one_above_them_by_name() -> None:
    assert in_tree_order(ABOVE) == [("commerce", 0), ("checkout", 1), ("search", 1), ("mobile", 0)]


def test_teams_in_a_circle_stand_at_the_end() -> None:
    assert in_tree_order({"a": "b", "b": "a"}) == [("a", 0), ("b", 0)]
    assert in_tree_order({"a": "a", "c": None}) == [("c", 0), ("a", 0)]


def heated(found: WaveResults) -> list[Record]:
    return heat_records(found, topics(ASKED), ABOVE)


def test_a_hidden_cell_says_so_and_has_no_number() -> None:
    records = {(each["group"].strip("· "), each["item"]): each for each in heated(SPRING)}

    hidden = records["mobile", "Q01"]
    assert (hidden["share"], hidden["words"], hidden["interval"], hidden["people"]) == (None, HIDDEN, "", "")
    assert records["Everybody", "Q01"]["words"] == "95 %"


def test_the_table_has_what_the_heat_map_shows() -> None:
    table = heat_table(heated(SPRING))

    assert list(table["Group"]) == ["Everybody", "commerce", "· checkout", "· search", "mobile"]
    assert HIDDEN in set(table.iloc[:, 1])


def test_the_heat_map_is_a_chart_of_its_schema() -> None:
    chart = survey_charts.heat_map(heated(SPRING))

    assert isinstance(chart, alt.LayerChart)
    chart.to_dict(validate=True)


def published(value: float, low: float, high: float) -> Published:
    return Published("ok", value, Bounds(low, high, "wilson"), "20-49")


def test_a_change_is_told_where_it_is_more_than_chance() -> None:
    assert change(published(0.8, 0.7, 0.9), published(0.4, 0.3, 0.5)).verdict == "better"
    assert change(published(0.4, 0.3, 0.5), published(0.8, 0.7, 0.9)).words.startswith("worse: -55 to -25")
    assert change(published(0.5, 0.3, 0.7), published(0.4, 0.2, 0.6)).words == "cannot tell: -20 to +40 points"


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


def waves_page() -> None:
    """Run by AppTest as a script of its own."""
    from dashboards.views import survey_waves  # noqa: PLC0415 - a script of its own
    from survey_page_reader import READER  # noqa: PLC0415 - as above

    survey_waves.render(READER)


def page(
    script: Callable[[], None],
    *waves: WaveResults,
    action: str | None = None,
    standings: Sequence[WaveStanding] = (),
    address: Mapping[str, str] | None = None,
) -> AppTest:
    """A page that was opened at an address."""
    survey_data.attend(Surveys(*waves, action=action, standings=standings))
    app = AppTest.from_function(script, default_timeout=30)
    for name, value in (address or {}).items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def drawn(script: Callable[[], None], *waves: WaveResults, **given: Any) -> str:
    """Everything a page says."""
    return words(page(script, *waves, **given))


def shown_comments(found: WaveResults) -> str:
    """What the page says once comments are asked for."""
    return words(page(results_page, found).toggle[0].set_value(True).run())


def words(app: AppTest) -> str:
    """Everything a page says."""
    kinds = (app.markdown, app.caption, app.info, app.warning, app.success, app.header, app.text, app.code)
    texts = [each.value for kind in kinds for each in kind]
    tables = [each.value.to_string() for each in app.dataframe]
    return "\n".join(map(str, [*texts, *tables]))


@pytest.mark.parametrize("script", [results_page, heard_page])
def test_without_a_closed_wave_a_page_says_what_to_do(script: Callable[[], None]) -> None:
    assert "closed" in drawn(script)


def test_leaders_see_groups_by_topics_and_no_ranking() -> None:
    older = wave("winter", {"checkout": 9, "search": 7, "mobile": 6}, low=1, closed_at=CLOSED - timedelta(days=90))
    text = drawn(results_page, SPRING, older)

    assert HIDDEN in text
    assert "Teams stand in the order of the organisation" in text
    assert "Everybody** against **winter**: better" in text
    assert "better" in text


def test_comments_stand_apart_and_only_of_large_groups() -> None:
    text = drawn(results_page, wave("spring", {"checkout": 15, "search": 12}))

    assert "remark" not in text
    assert "commerce: remark of checkout" in shown_comments(wave("spring", {"checkout": 15, "search": 12}))
    assert not page(results_page, wave("spring", {"checkout": 5, "search": 3})).toggle


def test_respondents_see_what_was_said_and_what_is_promised() -> None:
    text = drawn(heard_page, SPRING, action="Fewer flaky checks by June")

    assert "What we do about it: Fewer flaky checks by June" in text
    assert "What goes best" in text
    assert "disagree" in text


def test_a_promise_that_is_missing_is_said_with_the_age_of_the_results() -> None:
    assert "Nothing is promised yet. The results are 84 days old." in drawn(heard_page, SPRING)


def test_too_few_answers_tell_respondents_nothing() -> None:
    assert "so nothing is told" in drawn(heard_page, wave("spring", {"mobile": 3}))


def test_what_nobody_answered_is_no_hidden_cell_and_no_nought() -> None:
    found = {each["item"]: each for each in heated(SPRING) if each["group"] == EVERYBODY}

    assert (found["Q24:deploy"]["words"], found["Q24:deploy"]["share"]) == (NOBODY, None)
    assert found["Q24:deploy"]["kind"] == "no_data"
    assert (found["Q24:review"]["words"], found["Q24:review"]["topic"]) == ("5 %", "Something: review")


@pytest.mark.parametrize("slug", sorted(shipped()))
def test_every_topic_of_a_shipped_survey_has_a_heading_of_its_own(slug: str) -> None:
    headings = [each.heading for each in topics(shipped()[slug])]

    assert len(set(headings)) == len(headings)


def test_two_topics_about_the_same_are_told_apart_by_their_ids() -> None:
    assert [each.heading for each in topics(ASKED)][:2] == ["Something (Q01)", "Something (Q02)"]


def test_the_file_to_download_has_published_cells_only() -> None:
    lines = published_csv(SPRING).splitlines()

    assert len(lines) == 1 + sum(each.published.status == "ok" for each in SPRING.cells)
    assert "mobile" not in "".join(lines)


@pytest.mark.parametrize("choice", ["The wave before", "Everybody", "search", "Nothing"])
def test_what_is_compared_with_stands_in_the_address(choice: str) -> None:
    older = wave("winter", {"checkout": 9, "search": 7, "mobile": 6}, low=1, closed_at=CLOSED - timedelta(days=90))
    text = drawn(results_page, SPRING, older, address={"against": choice, "group": "checkout"})

    told = {"The wave before": "winter", "Everybody": "Everybody", "search": "search"}.get(choice)
    assert ("**checkout** against" in text) == (told is not None)
    assert told is None or f"**checkout** against **{told}**" in text


def test_a_comparison_with_a_hidden_team_cannot_tell_and_gives_no_bounds() -> None:
    text = drawn(results_page, SPRING, address={"against": "mobile", "group": "checkout"})

    assert f"**checkout** against **mobile**: {CANNOT_TELL}." in text


def test_every_number_says_how_to_get_it_elsewhere() -> None:
    text = drawn(results_page, SPRING, address={"group": "checkout"})

    assert "tribometer survey results spring --by team --item Q01" in text
    assert "GET /api/v1/metrics/survey_favourable?team=checkout" in text


def test_how_answers_spread_is_drawn_only_where_it_is_told() -> None:
    few, many = wave("spring", {"checkout": 7}), wave("spring", {"checkout": 12})

    assert "told from ten people on" in drawn(results_page, few)
    assert "told from ten people on" not in drawn(results_page, many)


def test_the_charts_are_charts_of_their_schema() -> None:
    record = {"group": "a", "share": 0.5, "low": 0.3, "high": 0.7, "words": "50 %", "interval": "", "people": "5-9"}
    hidden = {**record, "group": "b", "share": None, "low": None, "high": None, "words": HIDDEN}

    survey_charts.bars([record, hidden], "group", "share", "favourable").to_dict(validate=True)
    survey_charts.spread([0.1, 0.2, 0.3, 0.2, 0.2], ["a", "b", "c", "d", "e"]).to_dict(validate=True)


def test_the_best_topics_come_first_and_hidden_ones_not_at_all() -> None:
    told = favourite_first(SPRING, topics(ASKED))

    assert [topic.key for topic, _ in told] == ["Q01", "Q02", "Q24:review"]


def test_respondents_hear_what_they_cannot_be_told() -> None:
    older = wave("winter", {"checkout": 9, "search": 7, "mobile": 3}, closed_at=CLOSED - timedelta(days=90))
    text = drawn(heard_page, SPRING, older)

    assert "Since winter we **cannot tell** whether" in text
    assert "10-19 of you told us" in text
    assert "groups of 5 people or more" in text
    assert "Comments are shown of 10 people or more" in text


OPEN = WaveStanding(
    "summer", ASKED.slug, "open", CLOSED, CLOSED + timedelta(days=90), None, "10-19",
    (Asked("checkout", "5-9", "60-79"),), {"sent": "10-19", "dropped": "5-9"},
    (Unreached("email", "550 no such *mailbox*", "fewer than 5"),),
)  # fmt: skip
DONE = WaveStanding("spring", ASKED.slug, "closed", CLOSED, CLOSED, CLOSED, "10-19")


def test_whoever_runs_a_wave_sees_bands_problems_and_the_next_step_but_no_result() -> None:
    text = drawn(waves_page, SPRING, standings=[OPEN, DONE])

    assert "it closes by itself on 14 Jun 2026 09:00 UTC" in text
    assert "60-79 %" in text
    assert "Not reached by email: fewer than 5. 550 no such \\*mailbox\\*" in text
    assert "tribometer survey invite summer --people FILE" in text
    assert "tribometer survey results" not in text


def test_a_closed_wave_asks_for_the_promise_that_is_due() -> None:
    text = drawn(waves_page, SPRING, standings=[OPEN, DONE], address={"wave": "spring"})

    assert "That was due by 30 Mar 2026, 70 days ago." in text
    assert "tribometer survey promise spring" in text


@pytest.mark.parametrize(
    ("state", "step"),
    [
        ("planned", "opens by itself on 16 Mar 2026 09:00 UTC"),
        ("closing", "being closed"),
        ("open", "closes by itself"),
    ],
)
def test_every_state_has_a_next_step(state: str, step: str) -> None:
    assert step in next_step(WaveStanding("a", "asked_v1", state, CLOSED, CLOSED, None, None), CLOSED)


def test_without_any_wave_the_page_says_how_to_begin() -> None:
    assert "tribometer survey open" in drawn(waves_page)


def test_nobody_answering_is_told_apart_from_hidden_in_changes() -> None:
    assert change(NO_DATA, published(0.8, 0.7, 0.9)).words == CANNOT_TELL
