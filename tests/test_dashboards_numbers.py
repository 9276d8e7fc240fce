"""The pages of numbers: every status in words of its own, comparisons, sections, and what nothing tells of."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle
from typing import TYPE_CHECKING, Any, cast

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import filters
from dashboards.data import SourceState
from dashboards.number_page import NumberPage
from dashboards.unread import Unread
from dashboards.views import adoption, ci, on_call, onboarding, self_service
from metrics import CATALOGUE
from metrics.result import BucketLabel, CoverageShare, Interval, MetricResult
from page_reader import NOW, WrittenReader, result

if TYPE_CHECKING:
    from dashboards.data import DataSource

PAGES = {page.title: page for page in (ci.PAGE, adoption.PAGE, self_service.PAGE, onboarding.PAGE, on_call.PAGE)}
SHARED = CoverageShare(share=0.4, floor=0.8, of="runs whose jobs are known")
STATUSES: dict[str, dict[str, Any]] = {
    "no_data": {"value": None, "n": 0},
    "not_observable": {"value": None, "n": 0},
    "low_coverage": {"value": None, "coverage": SHARED},
    "suppressed": {"value": None, "n": None, "exclusions": None, "coverage": None},
    "too_few": {"value": 7.0, "n": 3},
}
SHOWN = {
    "no_data": ("no data", "no data in this period"),
    "not_observable": ("not observable", "not observable with today's sources"),
    "low_coverage": ("hidden", "coverage too low: 40 % of runs whose jobs are known, 80 % needed"),
    "suppressed": ("private", "hidden for privacy"),
    "too_few": (None, "too few to judge (n = 3)"),
}
TELLS = frozenset({"run", "job", "deployment", "request", "gate", "person", "page", "shift"})
SOURCE = SourceState("github:acme", "github", NOW, None, reads=TELLS)


class CutReader(WrittenReader):
    """Also answers a question that is cut by a name, with two lines."""

    def compute(self, query: Any) -> MetricResult:
        """As written; with lines where it is cut by something else than time."""
        found = super().compute(query)
        if query.by is None or query.by in {"week", "month", "quarter", "year"}:
            return found
        lines = [
            found.model_copy(update={"bucket": BucketLabel(label=name, partial=False), "series": (), "value": value,
                                     "interval": Interval(low=low, high=0.9, method="wilson"), "n": 40, "status": "ok"})
            for name, value, low in (("calm", 0.5, 0.01), ("sure", 0.2, 0.15))
        ]  # fmt: skip
        return found.model_copy(update={"series": lines})


def opened(reader: WrittenReader, title: str, **address: str) -> AppTest:
    def script(reader, title):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - run as a script, without imports
        from dashboards.pages import PAGES  # noqa: PLC0415 - as above

        next(page for page in PAGES if page.title == title).render(reader)

    shown = AppTest.from_function(script, kwargs={"reader": reader, "title": title}, default_timeout=30)
    for name, value in address.items():
        shown.query_params[name] = value
    shown.run()
    assert not shown.exception
    return shown


def words(shown: AppTest) -> str:
    return "\n".join(each.value for each in (*shown.caption, *shown.markdown, *shown.info, *shown.warning))


def statuses(page: NumberPage) -> dict[str, MetricResult]:
    """A status for every metric of the page, each at least once over all pages."""
    return {
        name: result(name, status=status, **STATUSES[status])
        for name, status in zip(page.keys, cycle(STATUSES), strict=False)
    }


@pytest.mark.parametrize("title", PAGES)
def test_every_status_has_words_of_its_own_and_none_is_zero(title: str) -> None:
    page = PAGES[title]
    found = statuses(page)
    shown = opened(CutReader(found, sources_known=(SOURCE,)), title)
    values = {each.label: each.value for each in shown.metric}
    assert list(values) == list(page.keys.values())
    for name, each in found.items():
        placeholder, told = SHOWN[each.status]
        assert told in words(shown)
        assert placeholder is None or values[page.keys[name]] == placeholder
    assert not [value for value in values.values() if value.startswith("0")]


@pytest.mark.parametrize("title", PAGES)
def test_every_section_draws_what_is_there(title: str) -> None:
    for section in PAGES[title].sections:
        shown = opened(CutReader(sources_known=(SOURCE,)), title, section=section)
        assert len(shown.metric) == len(PAGES[title].keys)


@pytest.mark.parametrize("title", PAGES)
def test_where_nothing_can_be_told_the_page_says_which_events_would(title: str) -> None:
    page = PAGES[title]
    unseen = {name: result(name, status="not_observable", value=None, n=0) for name in CATALOGUE}
    told = words(opened(WrittenReader(unseen), title))
    assert "No source tells of this yet: connect one of `" in told
    going = Unread("github:acme", frozenset().union(*(CATALOGUE[name].reads for name in page.keys)), collecting=True)
    told = words(opened(WrittenReader(unseen, unread_known=(going,)), title))
    assert "connect one of" not in told
    assert "not read yet: the first collection of github:acme is under way" in told


def test_without_any_source_a_page_says_how_the_first_data_comes_in() -> None:
    shown = opened(WrittenReader(sources_known=()), "CI")
    assert "Nothing is collected yet" in shown.info[0].value
    assert not shown.metric


def test_a_number_is_compared_with_the_period_before_and_cannot_tell_is_an_answer() -> None:
    rate = result("ci_flake_rate", value=0.05, n=900, interval=Interval(low=0.04, high=0.06, method="wilson"))
    told = words(opened(WrittenReader({"ci_flake_rate": rate}, sources_known=(SOURCE,)), "CI"))
    assert "cannot tell (by -1.4 points to +1.4 points) · before 5.0 %" in told
    told = words(opened(WrittenReader({"ci_flake_rate": rate}, sources_known=(SOURCE,)), "CI", compare="Nothing"))
    assert "cannot tell" not in told


def test_a_team_is_compared_with_another_that_the_reader_names() -> None:
    class Teams(WrittenReader):
        def teams(self) -> tuple[str, ...]:
            return ("alpha", "beta")

    reader = Teams(sources_known=(SOURCE,))
    opened(reader, "CI", team="alpha", compare="team beta")
    assert {asked.team for asked in reader.asked} == {"alpha", "beta"}


def test_metrics_of_people_are_asked_of_the_whole_organisation_whatever_is_chosen() -> None:
    reader = WrittenReader(services_known=("a", "b"), sources_known=(SOURCE,))
    opened(reader, "Onboarding", service="a")
    scopes = {asked.metric: asked.service for asked in reader.asked}
    assert scopes["time_to_first_change"] is None
    assert scopes["service_time_to_first_deploy"] == "a"


def test_rows_of_people_are_not_shown_and_it_is_said_why() -> None:
    told = words(opened(WrittenReader(sources_known=(SOURCE,)), "Onboarding", behind="Rows"))
    assert "nobody is ever singled out" in told


def test_what_flakes_for_sure_stands_before_what_was_seen_once() -> None:
    shown = opened(CutReader(sources_known=(SOURCE,)), "CI")
    [table] = [each.value for each in shown.dataframe if "Pipeline" in each.value]
    assert list(table["Pipeline"]) == ["sure", "calm"]


def test_what_waits_longest_stands_first_and_what_is_over_does_not_stand_there() -> None:
    def row(name: str, at: str, *, waits: bool) -> dict[str, Any]:
        evidence = {"censored": waits, "kind": "database"}
        return {"metric": "provisioning_wait", "unit": "request", "id": name, "at": at, "counted": True,
                "service": None, "team": "alpha", "evidence": evidence}  # fmt: skip

    rows = (
        row("young", "2026-06-10T00:00:00Z", waits=True),
        row("old", "2026-06-01T00:00:00Z", waits=True),
        row("over", "2026-05-01T00:00:00Z", waits=False),
    )
    shown = opened(WrittenReader(rows=rows, sources_known=(SOURCE,)), "Self-service", section="Still open")
    assert [list(each.value["What"]) for each in shown.dataframe] == [["old", "young"]]
    assert "14.4 days" in shown.dataframe[0].value["Waiting"].iloc[0]


def test_a_card_names_who_told_and_parts_of_a_source_are_told_by_it() -> None:
    part = replace(SOURCE, name="github:acme/shop", family="github:acme")
    other = SourceState("csv", "import", NOW, None, reads=frozenset({"survey"}))
    told = words(opened(WrittenReader(sources_known=(SOURCE, part, other)), "CI"))
    assert ":material/database: github\\:acme, just now" in told
    assert "shop" not in told.partition("Sources:")[0]


def test_a_page_asks_ahead_exactly_what_it_asks_when_it_is_opened() -> None:
    for page in PAGES.values():
        reader = WrittenReader(sources_known=(SOURCE,))
        opened(reader, page.title)
        asked = set(reader.asked)
        ahead = set(page.queries(cast("DataSource", reader)))
        assert ahead <= asked
        assert {each.metric for each in ahead} == set(page.keys)


@pytest.mark.parametrize("asked", ["ci_flake_rate", "Flake rate"])
def test_a_link_opens_the_number_that_it_names(asked: str) -> None:
    shown = opened(WrittenReader(sources_known=(SOURCE,)), "CI", open=asked, behind="Definition")
    assert not shown.warning
    assert CATALOGUE["ci_flake_rate"].formula in words(shown)
    assert "No open 'nope' is known" in words(opened(WrittenReader(sources_known=(SOURCE,)), "CI", open="nope"))


def test_a_period_goes_along_to_the_next_page_only_where_it_was_chosen() -> None:
    shown = opened(WrittenReader({}, sources_known=(SOURCE,)), "Adoption")
    own = shown.selectbox(key="period").value
    assert shown.session_state[filters.KEPT]["period"] is None
    shown.selectbox(key="period").select("90 days").run()
    assert shown.session_state[filters.KEPT]["period"] == "90 days"
    shown.selectbox(key="period").select(own).run()
    assert shown.session_state[filters.KEPT]["period"] is None
