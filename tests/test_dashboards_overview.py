"""The first page, and the page of a team's week."""

from __future__ import annotations

from datetime import date

from streamlit.testing.v1 import AppTest

from dashboards import overview_data
from dashboards.data import SourceState
from dashboards.overview_data import Moved, Story
from dashboards.views.my_team import METRICS
from metrics.query import Query
from metrics.result import MetricResult
from page_reader import NOW, WrittenReader, result, weekly

STORY = Story(
    week=date(2026, 6, 8),
    looked=40,
    chance=2.6,
    moved=(
        Moved("ci_flake_rate", "", "CI flake rate rose to 9 %.", "worse"),
        Moved("friction_cost", "data & more", "Friction cost of data & more fell to 3 h.", "better"),
    ),
    frictions=("1. Waiting for a review: 40 hours a month.",),
    tied=("Waiting for a review", "Red default branch"),
    stale=("github:acme was never read to its end.",),
)


class Source:
    """Tells the written story."""

    def __init__(self, story: Story | None, problem: str | None = None) -> None:
        self._story, self._problem = story, problem

    def story(self) -> Story | None:
        """As written."""
        return self._story

    def problem(self) -> str | None:
        """As written."""
        return self._problem


def opened(reader: WrittenReader, page: str, **address: str) -> AppTest:
    def script(reader, page):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - run as a script, without imports
        from importlib import import_module  # noqa: PLC0415 - as above

        import_module(f"dashboards.views.{page}").render(reader)

    shown = AppTest.from_function(script, kwargs={"reader": reader, "page": page}, default_timeout=30)
    for name, value in address.items():
        shown.query_params[name] = value
    shown.run()
    assert not shown.exception
    return shown


def words(shown: AppTest) -> str:
    return "\n".join(each.value for each in (*shown.caption, *shown.markdown, *shown.info, *shown.warning))


def test_what_moved_stands_with_its_direction_and_opens_where_its_number_is() -> None:
    overview_data.attend(Source(STORY))
    told = words(opened(WrittenReader(), "overview"))
    assert ":red[:material/thumb_down:] CI flake rate rose to 9 %\\. [Open](/ci?open=ci_flake_rate)" in told
    assert "[Open](/friction?team=data+%26+more)" in told
    assert "40 series were looked at; some 3 would stand here by chance alone" in told
    assert "Cannot be told apart: Waiting for a review, Red default branch" in told
    assert "github\\:acme was never read to its end" in told


def test_a_quiet_week_and_one_without_a_history_are_told_apart() -> None:
    overview_data.attend(Source(Story(STORY.week, 40, 2.6, (), (), (), ())))
    assert "Nothing beyond what the weeks before vary by; 40 series" in words(opened(WrittenReader(), "overview"))
    overview_data.attend(Source(Story(STORY.week, 0, 0.0, (), (), (), ())))
    told = words(opened(WrittenReader(), "overview"))
    assert "No number has a value in the last week and in eight weeks before it" in told
    assert "No wait of anybody can be told yet" in told


def test_why_the_week_cannot_be_told_is_said() -> None:
    overview_data.attend(Source(None, "digest.metrics: there is no metric 'x'"))
    assert "there is no metric 'x'" in words(opened(WrittenReader(), "overview"))


def test_while_the_week_is_worked_out_the_five_keys_stand_already() -> None:
    overview_data.attend(Source(None))
    assert len(opened(WrittenReader(), "overview").metric) == 5


def test_questions_that_no_source_tells_of_are_named_with_what_to_connect() -> None:
    overview_data.attend(Source(STORY))
    git = SourceState("git:acme/shop", "git", NOW, None, reads=frozenset({"commit", "deployment"}))
    told = words(opened(WrittenReader(sources_known=(git,)), "overview"))
    assert "[CI](/ci): connect a source of `job`, `run` events" in told
    assert "[Delivery]" not in told.partition("Not told by any source yet")[2]


def test_an_empty_store_says_how_the_first_data_comes_in() -> None:
    overview_data.attend(Source(None))
    assert "Nothing is collected yet" in words(opened(WrittenReader(sources_known=()), "overview"))


class Teams(WrittenReader):
    """Two teams are known."""

    def teams(self) -> tuple[str, ...]:
        """Their names."""
        return ("alpha", "beta")

    def compute(self, query: Query) -> MetricResult:
        """Twenty-seven weeks: calm ones, and a last one of twice as much."""
        found = super().compute(query)
        weeks: list[float | None] = [100.0 + 2 * (week % 2) for week in range(26)]
        return found if query.metric in self.results else weekly(query.metric, [*weeks, 200.0])


def test_a_week_outside_of_its_usual_range_is_told_with_its_direction() -> None:
    reader = Teams({"pr_cycle_time": weekly("pr_cycle_time", [100.0, 102.0] * 13 + [101.0])})
    told = words(opened(reader, "my_team", team="alpha"))
    assert "| Change lead time | **3 min 20 s** |" in told
    assert "worse than usual" in next(line for line in told.splitlines() if line.startswith("| Change lead time"))
    assert "better than usual" in next(line for line in told.splitlines() if line.startswith("| Deployment frequency"))
    assert "as usual" in next(line for line in told.splitlines() if line.startswith("| Pull-request cycle time"))
    assert {asked.team for asked in reader.asked} == {"alpha"}


def test_a_metric_without_a_last_week_is_named_and_not_shown_as_zero() -> None:
    quiet = {name: result(name, status="no_data", value=None, n=0) for name in METRICS}
    told = words(opened(Teams(quiet), "my_team", team="alpha"))
    assert "Nothing of the last week can be told yet" in told
    reader = Teams({name: quiet[name] for name in METRICS[1:]})
    assert "Nothing to tell last week: Change lead time, " in words(opened(reader, "my_team", team="alpha"))


def test_where_no_team_is_known_the_page_says_what_names_them() -> None:
    assert "No team is known yet" in words(opened(WrittenReader(), "my_team"))
