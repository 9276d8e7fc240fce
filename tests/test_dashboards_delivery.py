import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.data import SourceState
from dashboards.pages import PAGES
from dashboards.unread import Unread
from metrics import CATALOGUE
from metrics.result import MetricResult, Services
from metrics.workspace import CUTTERS
from page_reader import NOW, WrittenReader, hidden, result, weekly
from tribometer.store import Remark


def page(reader: WrittenReader, **address: str) -> AppTest:
    def script(reader):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - it is run as a script, without imports
        from dashboards.views import delivery  # noqa: PLC0415 - as above

        delivery.render(reader)

    shown = AppTest.from_function(script, kwargs={"reader": reader}, default_timeout=30)
    for name, value in address.items():
        shown.query_params[name] = value
    shown.run()
    assert not shown.exception
    return shown


def captions(shown: AppTest) -> str:
    return "\n".join(each.value for each in (*shown.caption, *shown.markdown))


def values(shown: AppTest) -> dict[str, str]:
    return {each.label: each.value for each in shown.metric}


def windows(reader: WrittenReader) -> set[int]:
    return {(asked.window[1] - asked.window[0]).days for asked in reader.asked if asked.metric == "change_lead_time"}


def test_each_key_shows_its_value_in_words_with_interval_and_n() -> None:
    lead = weekly("change_lead_time", [7200.0, None]).model_copy(update={"value": 14_400.0, "n": 42})
    shown = page(WrittenReader({"change_lead_time": lead}))
    assert values(shown)["Change lead time"] == "4 h 0 min"
    assert "n\u00a0=\u00a042" in captions(shown)


def test_missing_too_few_hidden_and_not_observable_are_told_apart_and_none_is_zero() -> None:
    shown = page(
        WrittenReader(
            {
                "change_lead_time": hidden("change_lead_time", 0.4),
                "change_fail_rate": result("change_fail_rate", status="not_observable", value=None, n=0),
                "failed_deployment_recovery_time": result(
                    "failed_deployment_recovery_time", status="no_data", value=None, n=0
                ),
                "deployment_rework_rate": result("deployment_rework_rate", status="too_few", value=0.25, n=4),
            }
        )
    )
    found, told = values(shown), captions(shown)
    missing = [found[key] for key in ("Change lead time", "Change fail rate", "Recovery time")]
    assert missing == ["hidden", "not observable", "no data"]
    assert found["Rework rate"] == "25 %"
    assert "40 % of shipped deployments whose commits are known, 80 % needed" in told
    assert "not observable" in told
    assert "no data in this period" in told
    assert "too few to judge (n = 4)" in told


def test_a_quiet_repository_opens_on_the_shortest_period_with_six_deployments() -> None:
    for sixth, opened_on in ((27, 28), (80, 90), (300, 365), (700, 730), (1800, 1826), (4000, 6000)):
        reader = WrittenReader(days_ago=(6000, sixth, 20, 15, 10, 5, 1))
        shown = page(reader)
        assert windows(reader) == {opened_on}
        assert "the shortest that holds six deployments" in "".join(each.value for each in shown.markdown)


def test_a_repository_with_fewer_than_six_deployments_opens_on_all_it_has() -> None:
    reader = WrittenReader(days_ago=(2000, 600, 400, 50, 1))
    shown = page(reader)
    assert windows(reader) == {2000}
    assert "(all there is)" in "".join(each.value for each in shown.markdown)


def test_no_automatic_period_reaches_back_before_the_first_deployment() -> None:
    reader = WrittenReader(days_ago=(500, 400, 300, 200, 100, 1))
    page(reader)
    assert windows(reader) == {500}


def test_no_period_is_cut_into_more_points_than_a_chart_can_tell_apart() -> None:
    for days in (28, 90, 365, 730, 1826, 2500, 5400, 7000, 15_000):
        reader = WrittenReader(days_ago=(days, days))
        page(reader, period="All")
        [asked] = [asked for asked in reader.asked if asked.metric == "change_lead_time" and asked.by]
        assert 4 <= len(CUTTERS[asked.by or ""](*asked.window)) <= 62


def test_without_any_source_the_page_says_what_to_connect() -> None:
    shown = page(WrittenReader(sources_known=()))
    assert "tribometer up" in shown.info[0].value
    assert not shown.metric


def test_with_commits_but_no_deployment_the_page_says_how_releases_are_found() -> None:
    shown = page(WrittenReader(days_ago=()))
    assert "version tag" in shown.info[0].value
    assert "7 commits from 16 May 2026 to 15 Jun 2026 were collected" in shown.info[0].value


def test_a_source_that_failed_is_named_with_its_error() -> None:
    failed = SourceState("git:acme/gone", "git", None, "git:acme/gone: the folder is not there. Correct its path.")
    shown = page(WrittenReader(sources_known=(failed,)))
    assert "acme/gone" in shown.error[0].value
    assert "never collected" in captions(shown)


def test_the_demo_says_that_it_is_one() -> None:
    assert "Demo" in page(WrittenReader(demo=True)).warning[0].value


def test_several_services_are_a_distribution_and_the_value_their_median() -> None:
    spread = Services(n=3, ok=2, p25=1.0, p50=2.0, p75=3.0)
    lead = weekly("change_lead_time", [7200.0, 3600.0]).model_copy(update={"services": spread})
    shown = page(WrittenReader({"change_lead_time": lead}, services_known=("a", "b", "c")))
    assert "median of 2 of 3 services" in captions(shown)
    assert "not a ranking" in captions(shown)


def test_opening_a_number_shows_its_rows_rules_sql_and_the_call() -> None:
    row = {
        "metric": "deployment_frequency", "unit": "deployment", "id": "d1", "counted": False, "value": None,
        "rule": "E7", "evidence": {"finished_at": "2026-06-01T00:00:00Z"},
    }  # fmt: skip
    reader = WrittenReader({"deployment_frequency": result("deployment_frequency", exclusions={"E7": 1})}, rows=(row,))
    shown = page(reader, behind="SQL and API")
    assert "SELECT 'deployment_frequency'" in [each.value for each in shown.code]
    assert any("/api/v1/metrics/deployment_frequency?from=" in each.value for each in shown.code)
    shown = page(reader, behind="Rows")
    assert any("1 by E7" in each.value for each in shown.markdown)
    assert any("d1" in each.value.to_string() for each in shown.dataframe)


def stages(**known: tuple[float, float, int]) -> MetricResult:
    names = ("coding", "pickup", "review", "merge_wait", "release_wait", "gate_wait", "deploy")
    empty = (None, 0.0, 0)
    parts = [dict(zip(("value", "share", "n"), known.get(name, empty), strict=True), stage=name) for name in names]
    return result("lead_time_stages", parts=parts)


def test_a_single_known_stage_is_told_in_words_with_what_would_tell_of_the_others() -> None:
    shown = page(WrittenReader({"lead_time_stages": stages(release_wait=(7200.0, 1.0, 9))}))
    told = "\n".join(each.value for each in shown.markdown)
    assert "Only one stage is known here. **Waiting for release**: 2 h 0 min in the median (n = 9)" in told
    assert "- Coding, Waiting to merge: `change` events" in told
    assert "Mean shares" not in captions(shown)


def test_two_known_stages_are_drawn_and_the_unseen_ones_named() -> None:
    known = stages(release_wait=(7200.0, 0.8, 9), deploy=(1800.0, 0.2, 9))
    shown = page(WrittenReader({"lead_time_stages": known}))
    assert "Mean shares" in captions(shown)
    assert "Waiting for review, Review (told by `review` events)" in captions(shown)
    assert next(list(each.value["Stage"]) for each in shown.dataframe) == ["Waiting for release", "Deploying"]


def test_the_legend_of_the_stages_is_a_list_that_wraps_and_names_each_known_stage() -> None:
    known = stages(release_wait=(7200.0, 0.8, 9), deploy=(1800.0, 0.2, 9))
    shown = page(WrittenReader({"lead_time_stages": known}))
    [legend] = [each.proto.body for each in shown.get("html") if 'class="stages"' in each.proto.body]
    assert re.findall(r"</i>([^<]+)</li>", legend) == ["Waiting for release", "Deploying"]
    [style] = [each.proto.body for each in shown.get("html") if "<style>" in each.proto.body]
    assert re.search(r"\.stages {[^}]*flex-wrap: wrap;", style)


def test_a_median_is_named_as_one_only_where_several_services_are_sound() -> None:
    for ok, words in ((0, None), (1, "1 of 3 services"), (3, "median of 3 services")):
        lead = result("change_lead_time", services=Services(n=3, ok=ok, p25=1.0, p50=2.0, p75=3.0))
        told = captions(page(WrittenReader({"change_lead_time": lead}, services_known=("a", "b", "c"))))
        assert ("of 3 services" in told or "median of" in told) == (words is not None)
        assert words is None or words in told


def test_what_no_source_could_tell_names_the_events_that_would() -> None:
    for name, event in (("deployment_frequency", "deployment"), ("deployment_rework_rate", "incident")):
        missing = result(name, status="not_observable", value=None, n=0)
        assert f"needs `{event}` events" in captions(page(WrittenReader({name: missing})))


def test_a_page_without_deployments_repeats_what_its_sources_remarked() -> None:
    remark = Remark("No tag matches '^v'", "Set `releases` to the tags you use")
    source = SourceState("git:acme/shop", "git", NOW, None, collecting=True, remarks=(remark,))
    shown = page(WrittenReader(days_ago=(), sources_known=(source,)))
    assert "git:acme/shop: No tag matches '^v'. Set `releases`" in shown.info[0].value
    assert "A collection is running" in shown.info[0].value


def test_where_no_two_services_have_a_value_there_is_no_heading_over_nothing() -> None:
    shown = page(WrittenReader(services_known=("a", "b")))
    assert "Services" not in [each.value for each in shown.header]


UNREAD = Unread("github:acme", frozenset({"repository", "deployment", "incident"}))
STARTED = SourceState("github:acme", "github", None, None, collected=True)
UNTAGGED = SourceState("git:acme/shop", "git", NOW, None, remarks=(Remark("there is no tag", "Tag releases"),))


@pytest.mark.parametrize(
    ("unread", "how"),
    [
        (replace(UNREAD, collecting=True), "github:acme is being collected for the first time, and may tell of some"),
        (UNREAD, "github:acme was not read to its end yet"),
    ],
)
def test_nobody_is_told_to_tag_releases_before_every_source_was_read_once(unread: Unread, how: str) -> None:
    shown = page(WrittenReader(days_ago=(), sources_known=(UNTAGGED, STARTED), unread_known=(unread,)))
    assert how in shown.info[0].value
    assert "7 commits from" in shown.info[0].value
    assert "tag" not in (shown.info[0].value + captions(shown)).lower().replace("stage", "")


def test_nobody_waits_for_a_source_that_tells_of_no_deployment_or_was_sent() -> None:
    catalog = Unread("catalog:c.csv", frozenset({"service", "team"}))
    sent = SourceState("ci", "import", None, None)
    shown = page(WrittenReader(days_ago=(), sources_known=(sent,), unread_known=(catalog,)))
    assert "version tag" in shown.info[0].value


def test_what_a_source_may_yet_tell_of_is_not_asked_for() -> None:
    unseen = {name: result(name, status="not_observable", value=None, n=0) for name in CATALOGUE}
    going = replace(UNREAD, collecting=True)
    told = captions(page(WrittenReader(unseen, unread_known=(going,))))
    assert told.count("not read yet: the first collection of github:acme is under way") == 5
    assert "needs `" not in told
    assert "not observable with" not in told
    told = captions(page(WrittenReader(unseen, unread_known=(replace(going, reads=frozenset({"commit"})),))))
    assert "needs `deployment` events" in told
    assert "needs `incident`" not in told


def test_a_source_that_mends_itself_is_no_error_on_the_page() -> None:
    waits = replace(STARTED, last_success_at=NOW, last_error="spent", passing="limited", limited_until=NOW)
    shown = page(WrittenReader(sources_known=(waits,)))
    assert not shown.error
    assert "github:acme: waiting until 09:30 UTC for the quota" in captions(shown)


def test_a_period_without_deployments_says_so() -> None:
    quiet = result("deployment_frequency", value=0.0, n=0)
    shown = page(WrittenReader({"deployment_frequency": quiet}), period="28 days")
    assert "choose a longer one" in shown.info[0].value


def test_the_definition_gives_question_rules_caveats_version_and_source() -> None:
    reader = WrittenReader({"deployment_frequency": result("deployment_frequency", exclusions={"E7": 3, "E8": 0})})
    shown = page(reader, behind="Definition")
    told, metric = "\n".join(each.value for each in shown.markdown), CATALOGUE["deployment_frequency"]
    assert metric.question in told
    assert metric.formula in told
    assert "3 by E7" in told
    assert "E8" not in told
    assert all(caveat in told for caveat in (*metric.caveats, *metric.not_comparable))
    assert f"definition version {metric.version}. Source: {metric.source}" in captions(shown)


def test_every_page_has_a_path_of_its_own_and_the_first_the_bare_address() -> None:
    assert PAGES[0].path == ""
    assert len({page.path for page in PAGES}) == len(PAGES)


def test_choosing_a_service_asks_for_that_service_alone() -> None:
    reader = WrittenReader(services_known=("a", "b"))
    shown = page(reader)
    reader.asked.clear()
    shown.selectbox(key="service").set_value("b").run()
    assert {asked.service for asked in reader.asked} == {"b"}


def test_a_score_of_too_few_is_told_in_the_words_of_the_cards_and_not_in_bold() -> None:
    for status, words in (("ok", "**7.7 of 10**"), ("too_few", "7.7 of 10, too few to judge (n = 3)")):
        score = result("quick_check", status=status, value=7.7, n=3)
        shown = page(WrittenReader({"quick_check": score}))
        [told] = [each.value for each in shown.markdown if "Quick Check" in each.value]
        assert told == f"DORA Quick Check: {words}."


@pytest.mark.parametrize(
    ("key", "instead"), [("service", "all services"), ("team", "all teams"), ("period", "Automatic")]
)
def test_an_unknown_name_in_the_address_is_told_with_what_is_shown_instead(key: str, instead: str) -> None:
    for services_known in (("a", "b"), ("a",)):
        shown = page(WrittenReader(services_known=services_known), **{key: "nope"})
        assert [each.value for each in shown.warning] == [f"No {key} 'nope' is known: showing {instead}."]


def test_known_names_in_the_address_are_taken_without_a_word() -> None:
    reader = WrittenReader(services_known=("a", "b"))
    shown = page(reader, service="b", period="90 days")
    assert not shown.warning
    assert {asked.service for asked in reader.asked} == {"b"}
    assert windows(reader) == {90}
