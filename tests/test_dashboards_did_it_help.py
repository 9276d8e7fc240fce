"""Did it help: the list, one verdict with what stands behind it, its weeks and its record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import interventions, interventions_charts
from dashboards.interventions import Judgement, Standing
from dashboards.interventions_words import expected_effect
from intervention_records import (
    CACHE,
    IMPROVED,
    TOO_SOON,
    UNCHANGED,
    WrittenInterventions,
    finding,
    intervention,
    judged_metric,
    judgement,
)
from metrics.verdicts import Finding
from page_reader import WrittenReader
from tribometer.store.records import Expectation

CACHED = judgement(judged_metric(IMPROVED))
EXPLORED = Standing(intervention("New linter", after_the_fact=True), "released", ("registered after its release",))
RELEASED = Standing(intervention(), "released")
REVIEWS = Expectation("review_response_time", "down")


def page(source: WrittenInterventions, **address: str) -> AppTest:
    """The page as it was opened at an address."""

    def script(reader):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - it is run as a script, without imports
        from dashboards.views import did_it_help  # noqa: PLC0415 - as above

        did_it_help.render(reader)

    interventions.attend(source)
    shown = AppTest.from_function(script, kwargs={"reader": WrittenReader()}, default_timeout=30)
    for name, value in address.items():
        shown.query_params[name] = value
    shown.run()
    assert not shown.exception
    return shown


def one(judged: Judgement | None = CACHED, standing: Standing = RELEASED) -> WrittenInterventions:
    return WrittenInterventions([(standing, judged)])


def words(shown: AppTest) -> str:
    kinds = (shown.markdown, shown.caption, shown.info, shown.warning, shown.error, shown.header, shown.code)
    tables = [each.value.to_string() for each in shown.dataframe]
    return "\n".join([*(str(each.value) for kind in kinds for each in kind), *tables]).replace("\\", "")


def test_an_empty_list_says_how_to_register_and_why_before_the_release() -> None:
    said = words(page(WrittenInterventions([])))

    assert 'tribometer intervention add "build cache"' in said
    assert "always be made to fit" in said


def test_the_list_tells_releases_for_whom_what_was_expected_and_the_newest_verdict() -> None:
    said = words(page(one()))

    assert "Release 29 Sep 2025 to 7 May 2026 · for checkout, data" in said
    assert "expects CI execution time down by 30 %" in said
    assert "registered on 15 Sep 2025, before its release" in said
    assert "improved at 26 weeks" in said


def test_every_horizon_tells_its_verdict_and_how_sure_it_is() -> None:
    said = words(page(one()))

    assert "12 weeks** :green-badge[:material/check: improved]" in said
    assert "4 weeks** :gray-badge[:material/drag_handle: no detectable change]" in said
    assert "-31.0%" in said
    assert "95 % interval -39.0% to -23.0%" in said
    assert "p 0.004; 0.012 after Holm's correction" in said
    assert "would have been seen in four of five cases: 14.0%" in said
    assert "6 teams reached, 11 as controls; 12 weeks before and 24 behind" in said
    assert "At 4, 12 and 26 weeks: Staggered difference-in-differences" in said
    assert "DORA" in said


def test_no_change_says_what_could_have_been_seen_and_is_no_improvement() -> None:
    said = words(page(one(judgement(judged_metric(UNCHANGED)))))

    assert "no detectable change at 26 weeks" in said
    assert "would have been seen in four of five cases: 14.0%" in said
    assert "improved" not in said


def test_not_enough_data_says_when_to_ask_again_and_draws_no_effect() -> None:
    source = one(judgement(judged_metric(TOO_SOON, reached=45)), Standing(intervention(), "rolling out"))
    said = words(page(source))

    assert "ask again on 2026-07-06" in said
    assert "not enough data]" in said
    assert "Dot: the change" not in said
    assert "No week behind a release is measured yet" in said


def test_what_was_registered_after_the_fact_is_marked_in_the_list_and_beside_its_verdict() -> None:
    shown = page(one(standing=EXPLORED))

    assert "registered after its release: read it as exploration" in words(shown)
    assert [each.value for each in shown.warning] == ["Registered after its release."]


def test_what_is_generated_carries_the_demo_mark_and_nothing_else_does() -> None:
    assert "science: demo]" in words(page(one(standing=Standing(intervention(demo=True), "released"))))
    assert "science: demo]" not in words(page(one()))


def test_a_change_against_the_expectation_is_said() -> None:
    worse = judgement(judged_metric([finding(4, "worse", 0.2, 0.1)]))

    assert "other way than was expected (down)" in words(page(one(worse)))
    assert "other way than was expected" not in words(page(one()))


def test_the_chosen_one_stands_in_the_address_and_the_others_are_judged_behind_it() -> None:
    source = WrittenInterventions([(EXPLORED, judgement(judged_metric(UNCHANGED))), (RELEASED, CACHED)])
    shown = page(source, intervention="Build cache")

    assert shown.selectbox[0].value == "Build cache"
    assert "Build cache: did it help?" in words(shown)
    assert source.asked == ["Build cache", "New linter"]
    assert "no detectable change at 26 weeks" in words(shown)


def test_an_address_that_names_none_says_so_and_shows_the_newest_that_is_released() -> None:
    planned = Standing(intervention("Later", replace(CACHE, released_on=date(2027, 1, 4))), "planned")
    source = WrittenInterventions([(planned, judgement(judged_metric(TOO_SOON))), (RELEASED, CACHED)])
    shown = page(source, intervention="Gone")

    assert "No intervention 'Gone' is known: showing Build cache." in words(shown)
    assert shown.selectbox[0].value == "Build cache"


def test_each_metric_of_several_can_be_chosen_and_the_list_names_both() -> None:
    both = judgement(judged_metric(IMPROVED), judged_metric(UNCHANGED, REVIEWS))
    shown = page(one(both), metric="Review response time")

    assert "CI execution time: improved at 26 weeks" in words(shown)
    assert "**Review response time**, lower is better; no size was named." in words(shown)


def test_what_cannot_be_judged_says_why_and_leaves_the_record_readable() -> None:
    said = words(page(one(None)))

    assert "Build cache cannot be judged." in said
    assert "A build cache." in said


def test_what_was_withdrawn_is_not_judged() -> None:
    source = one(standing=Standing(intervention(change="withdrawn", revision=2), "withdrawn"))

    assert "withdrawn before its release: there is nothing to judge" in words(page(source))
    assert source.asked == []


def test_the_record_has_every_change_with_its_time() -> None:
    first = intervention(plan=replace(CACHE, expectations=(Expectation("ci_execution_time", "down", 0.5),)))
    source = one()
    source.changes = [first, intervention(revision=2, change="amended")]
    [record] = [each.value for each in page(source).dataframe if "Change" in each.value]

    assert list(record["Change"]) == ["registered", "amended"]
    assert list(record["Expects"]) == ["CI execution time down by 50 %", "CI execution time down by 30 %"]
    assert set(record["Recorded (UTC)"]) == {"2025-09-15 08:00"}


def test_the_weeks_are_told_as_a_table_too_and_name_no_team() -> None:
    shown = page(one())
    [weeks] = [each.value for each in shown.dataframe if "Week" in each.value]

    behind = weeks[weeks["Week"] == "+5"].iloc[0]
    assert (behind["Reached: change"], behind["Not reached yet: change"]) == ("-30.0%", "+0.0%")
    assert (behind["Reached teams"], behind["Teams not reached yet"]) == (2, 2)
    assert "u00" not in words(shown)


@pytest.mark.parametrize("findings", [IMPROVED, TOO_SOON])
def test_the_charts_are_charts_of_their_schema(findings: tuple[Finding, ...]) -> None:
    metric = judged_metric(findings)

    interventions_charts.intervals(metric).to_dict(validate=True)
    interventions_charts.weeks(metric, "team").to_dict(validate=True)


def test_an_interval_without_a_bound_is_drawn_as_none() -> None:
    open_ended = replace(IMPROVED[0], low=None)

    [record] = interventions_charts.interval_records(judged_metric([open_ended]))
    assert (record["low"], record["high"], record["interval"]) == (None, None, "none")
    assert record["effect"] == pytest.approx(-10)


def test_what_was_expected_is_in_the_unit_of_the_effect() -> None:
    relative = judged_metric(IMPROVED)
    points = replace(relative, panel=replace(relative.panel, scale="plain"))

    assert expected_effect(relative) == pytest.approx(-0.3)
    assert points.aligned.level is not None
    assert expected_effect(points) == pytest.approx(-0.3 * points.aligned.level)
    assert expected_effect(judged_metric(IMPROVED, REVIEWS)) is None
