from datetime import timedelta

from streamlit.testing.v1 import AppTest

from dashboards.data import SourceState
from metrics.result import Services
from page_reader import NOW, WrittenReader, hidden, result, weekly

MISSING = "—"


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
    return "\n".join(each.value for each in shown.caption)


def values(shown: AppTest) -> dict[str, str]:
    return {each.label: each.value for each in shown.metric}


def windows(reader: WrittenReader) -> set[int]:
    return {(asked.window[1] - asked.window[0]).days for asked in reader.asked if asked.metric == "change_lead_time"}


def test_each_key_shows_its_value_in_words_with_interval_and_n() -> None:
    lead = weekly("change_lead_time", [7200.0, None]).model_copy(update={"value": 14_400.0, "n": 42})
    shown = page(WrittenReader({"change_lead_time": lead}))
    assert values(shown)["Change lead time"] == "4 h 0 min"
    assert "n = 42" in captions(shown)


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
    assert [found[key] for key in ("Change lead time", "Change fail rate", "Recovery time")] == [MISSING] * 3
    assert found["Rework rate"] == "25 %"
    assert "40 % of shipped deployments whose commits are known, 80 % needed" in told
    assert "not observable" in told
    assert "no data in this period" in told
    assert "too few to judge (n = 4)" in told


def test_a_quiet_repository_opens_on_the_shortest_period_with_six_deployments() -> None:
    reader = WrittenReader(deployments={28: 1, 90: 5, 365: 6})
    page(reader)
    assert windows(reader) == {365}


def test_a_repository_with_fewer_than_six_deployments_a_year_opens_on_all_it_has() -> None:
    reader = WrittenReader(deployments={28: 0, 90: 1, 365: 5}, first=NOW - timedelta(days=2000))
    page(reader)
    assert windows(reader) == {2000}


def test_a_busy_repository_opens_on_28_days() -> None:
    reader = WrittenReader(deployments={28: 6})
    page(reader)
    assert windows(reader) == {28}


def test_without_any_source_the_page_says_what_to_connect() -> None:
    shown = page(WrittenReader(sources_known=()))
    assert "tribometer up" in shown.info[0].value
    assert not shown.metric


def test_with_commits_but_no_deployment_the_page_says_how_releases_are_found() -> None:
    shown = page(WrittenReader(first=None))
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
    lead = result("change_lead_time", services=spread, statistic="p50_of_services")
    shown = page(WrittenReader({"change_lead_time": lead}, services_known=("a", "b", "c")))
    assert "median of 2 services" in captions(shown)
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


def test_choosing_a_service_asks_for_that_service_alone() -> None:
    reader = WrittenReader(services_known=("a", "b"))
    shown = page(reader)
    reader.asked.clear()
    shown.selectbox(key="service").set_value("b").run()
    assert {asked.service for asked in reader.asked} == {"b"}
