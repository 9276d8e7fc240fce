"""The monthly report: what it tells of each status, how it compares, who may see it, and what it never does."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

import factories as make
import page_reader
from dashboards.data import SourceState
from factories import Event
from friction_events import events as waits
from intervention_records import finding
from metrics.comparison import PREVIOUS, compared
from metrics.result import BucketLabel, Interval, MetricResult, Window
from tribometer.errors import UsageError
from tribometer.service import cli, operations
from tribometer.service.access import Access
from tribometer.service.asgi import routes
from tribometer.service.instance import Instance, opened
from tribometer.service.report import chromium
from tribometer.service.report import verdicts as judging
from tribometer.service.report.content import KEYS, Key, Report, Yearly, content
from tribometer.service.report.drawing import spark
from tribometer.service.report.links import Links
from tribometer.service.report.months import Month, NoReport, last_whole, month_of, scope_of
from tribometer.service.report.page import page
from tribometer.service.report.stale import stale
from tribometer.service.report.verdicts import Verdict, Verdicts
from tribometer.service.report.wording import against_of, number_of
from tribometer.settings import Settings

NOW = datetime(2026, 6, 9, 9, 30, tzinfo=UTC)
MAY = month_of(NOW, "2026-05")
TEAM = "<b>&team"
SCOPE = {"team": TEAM}
LOCAL = Links("", {})
BROWSER = {"Accept": "text/html,*/*"}
STATUS_WORDS = {
    "ok": "ok",
    "too_few": "too few to judge (n = 3)",
    "no_data": "no data in this period",
    "not_observable": "not observable with today&#39;s sources",
    "low_coverage": "hidden, coverage too low",
    "suppressed": "hidden for privacy",
}


def happened() -> Iterator[Event]:
    """A service whose every other deployment fails until April and none in May, one with a few, and waits."""
    yield make.ownership("o-web", TEAM, service="web")
    for number in range(120):
        at = datetime(2025, 12, 1, 10, tzinfo=UTC) + timedelta(days=1.5 * number)
        yield make.deployment(f"d{number}", "web", at, artifact=f"v{number}")
        if number % 2 and at < MAY.start:
            yield make.incident(
                f"i{number}", "web", change_caused="yes", deployment=f"d{number}", impact_started_at=at,
                mitigated_at=at + timedelta(hours=2),
            )  # fmt: skip
    yield make.deployment("few", "rare", MAY.start + timedelta(days=3))
    moved_at = MAY.start + timedelta(days=14)
    yield make.ownership("o-rare", "alpha", service="rare", valid_to=moved_at)
    yield make.ownership("o-rare-now", "beta", service="rare", valid_from=moved_at)
    yield from waits(NOW)


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with opened(Settings(data=tmp_path_factory.mktemp("report") / "data"), lambda: NOW) as held:
        assert operations.land_events(held, list[object](happened()))["errors"] == []
        yield held


@pytest.fixture(scope="module")
def of_all(instance: Instance) -> Report:
    return content(instance, MAY, {})


@pytest.fixture(scope="module")
def of_team(instance: Instance) -> Report:
    return content(instance, MAY, SCOPE)


@pytest.fixture(scope="module")
def client(instance: Instance) -> Iterator[TestClient]:
    app = Starlette(routes=routes(instance, Access("a-token"), lambda: True))
    with TestClient(app, base_url="http://127.0.0.1:8501", client=("127.0.0.1", 50000)) as found:
        yield found


def written(status: str, value: float | None, low: float | None = None, high: float | None = None) -> MetricResult:
    """A share with a status; its interval where one is given."""
    interval = None if low is None or high is None else Interval(low=low, high=high, method="wilson")
    return page_reader.result("change_fail_rate", status=status, value=value, n=3 if value else 0, interval=interval)


def shown(found: Report, *results: MetricResult) -> str:
    """The page of a report whose keys are these results, against the first of them."""
    keys = tuple(Key(each, results[0], compared(each, results[0], PREVIOUS), [results[0], each]) for each in results)
    return page(replace(found, keys=keys), LOCAL)


def test_without_a_name_the_report_is_of_the_last_month_that_is_over() -> None:
    assert last_whole(datetime(2026, 1, 31, 23, tzinfo=UTC)).name == "2025-12"
    assert month_of(NOW) == MAY
    assert (MAY.start, MAY.end) == (datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
    assert MAY.moved(-5).name == "2025-12"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("soon", "is no month"),
        ("2026-13", "is no month"),
        ("2026-5", "is no month; write one like 2026-05"),
        ("2026-06", "that month is not over. The last one that is: 2026-05"),
        ("0001-01", "the first month that has a report is 1973-01"),
    ],
)
def test_a_month_that_has_no_report_says_which_has(text: str, says: str) -> None:
    with pytest.raises(NoReport, match=re.escape(says)):
        month_of(NOW, text)


def test_a_scope_that_no_event_names_has_no_report(instance: Instance) -> None:
    with pytest.raises(NoReport, match=r"No event names a team 'team'\. Did you mean 'team"):
        scope_of(instance, None, "team")
    with pytest.raises(NoReport, match="No event names a service 'nope'"):
        scope_of(instance, "nope", None)
    with pytest.raises(UsageError, match="not both"):
        scope_of(instance, "web", TEAM)


@pytest.mark.parametrize("place", range(len(KEYS)))
def test_every_key_is_what_the_api_tells_of_the_same_month(client: TestClient, of_all: Report, place: int) -> None:
    key = of_all.keys[place]
    days = {"from": "2026-05-01", "to": "2026-06-01"}
    told = client.get(f"/api/v1/metrics/{KEYS[place]}", params=days).json()

    assert (key.result.metric, key.result.value, key.result.n) == (KEYS[place], told["value"], told["n"])
    assert key.result.status == told["status"]


def test_every_api_call_on_the_page_answers(client: TestClient, of_team: Report) -> None:
    text = page(of_team, Links("", SCOPE))
    calls = [html.unescape(each) for each in re.findall(r"<code>GET ([^<]+)</code>", text)]

    assert len(calls) == len(of_team.results) + 1
    assert [call for call in calls if client.get(call).status_code != 200] == []


def test_a_month_is_compared_with_the_calendar_month_before(of_team: Report) -> None:
    [fails] = [key for key in of_team.keys if key.result.metric == "change_fail_rate"]

    assert fails.before.window.from_ == datetime(2026, 4, 1, tzinfo=UTC)
    assert fails.comparison.verdict == "better"
    assert 'class="verdict better">better</span>' in page(of_team, Links("", SCOPE))


def test_where_services_changed_hands_both_readings_stand(instance: Instance, of_team: Report) -> None:
    found = content(instance, MAY, {"team": "beta"})
    text = page(found, Links("", {"team": "beta"}))

    assert found.keys[0].result.status == "no_data"
    assert found.keys[0].comparison.as_is_now is not None
    assert "by today&#39;s owners: cannot tell" in text or "by today's owners: cannot tell" in text
    assert "Services changed hands in these two months" in text
    assert "changed hands" not in page(of_team, LOCAL)


def test_twelve_months_end_with_the_reports_own(of_all: Report) -> None:
    course = of_all.keys[0].course

    assert [each.bucket and each.bucket.label for each in (course[0], course[-1])] == ["2025-06", "2026-05"]
    assert [each.value for each in course[:6]] == [None] * 6


@pytest.mark.parametrize("status", STATUS_WORDS)
def test_every_status_is_told_in_its_own_words_and_none_is_zero(of_all: Report, status: str) -> None:
    value = 0.25 if status in {"ok", "too_few"} else None
    text = shown(of_all, written(status, value))
    [keys] = re.findall(r'<table class="keys".*?</table>', text, re.DOTALL)
    words = re.findall(rf'class="status {status}"[^>]*>([^<]+)<', keys)

    assert words == [STATUS_WORDS[status]] * 2
    assert (">—<" in keys) == (value is None)
    assert ">0" not in keys
    assert keys.count("<circle") == (0 if value is None else 2)


def test_where_the_interval_of_the_difference_holds_zero_nobody_can_tell() -> None:
    before, this = written("ok", 0.2, 0.1, 0.3), written("ok", 0.25, 0.15, 0.35)
    found = against_of(this, compared(this, before, PREVIOUS), ("May", "April"))

    assert found.words == "cannot tell"
    assert found.reason == "the interval of the difference holds 0"
    assert re.fullmatch(r"\N{MINUS SIGN}9\.1 points to \+19\.1 points", found.gap)


def test_a_comparison_with_nothing_says_which_side_is_missing() -> None:
    before, this = written("no_data", None), written("ok", 0.25, 0.15, 0.35)
    found = against_of(this, compared(this, before, PREVIOUS), ("May", "April"))

    assert (found.words, found.gap, found.reason) == ("cannot tell", "", "no value in April")


def test_a_missing_month_is_a_gap_and_a_weak_one_is_hollow() -> None:
    values: list[float | None] = [0.1, 0.2, None, 0.3, 0.4]
    course = [written("no_data" if value is None else "ok", value) for value in values]
    course[1] = written("too_few", 0.2)
    drawn = spark(course)

    assert [point.hollow for point in drawn.points] == [False, True, False, False]
    assert [len(line.split()) for line in drawn.lines] == [2, 2]
    assert len({point.x for point in drawn.points}) == 4


def test_months_without_any_value_draw_nothing() -> None:
    assert spark([written("no_data", None)] * 12).points == ()
    assert number_of(written("no_data", None)).value == "—"


def test_a_value_of_several_services_says_so_and_stands_beside_all_together(of_all: Report) -> None:
    frequency = number_of(of_all.keys[0].result)

    assert frequency.of == "median of 2 of 11 services"
    assert frequency.together != frequency.value
    assert "DORA&#39;s scale places one service at a time" in page(of_all, LOCAL)


def test_the_report_of_one_service_stands_beside_the_published_means(instance: Instance) -> None:
    scope = {"service": "web"}
    text = page(content(instance, MAY, scope), Links("", scope))

    assert "published mean 4.8 ± 2.8" in text
    assert "CC-BY-4.0" in text


def test_people_are_told_of_the_whole_organisation_only(of_all: Report, of_team: Report) -> None:
    assert [each.result.metric for each in of_team.onboarding] == ["service_time_to_first_deploy"]
    assert "told of the whole organisation only" in page(of_team, LOCAL)
    assert [each.result.metric for each in of_all.onboarding][1:] == ["time_to_first_change"]


def test_what_is_hidden_for_privacy_shows_no_number(of_all: Report) -> None:
    hidden = page_reader.result("time_to_first_change", status="suppressed", value=None, n=None, exclusions=None)
    yearly = Yearly(hidden, compared(hidden, hidden, PREVIOUS))
    text = page(replace(of_all, onboarding=(yearly,)), LOCAL)
    [section] = re.findall(r'aria-labelledby="onboarding".*?</section>', text, re.DOTALL)

    assert "hidden for privacy" in section
    assert "n = " not in section


def test_a_page_says_that_its_organisation_is_generated(of_all: Report) -> None:
    assert "None of this is real" not in page(of_all, LOCAL)
    assert "None of this is real" in page(replace(of_all, demo=True), LOCAL)


def test_markup_in_a_name_stays_text(of_team: Report) -> None:
    text = page(of_team, Links("", SCOPE), is_served=True)

    assert TEAM not in text
    assert "Team &lt;b&gt;&amp;team" in text
    assert "team=%3Cb%3E%26team" in text


def test_the_page_loads_and_runs_nothing_and_labels_every_drawing(of_all: Report) -> None:
    text = page(of_all, LOCAL, is_served=True)

    assert not re.search(r"<(script|link|img|iframe|object)\b|\bstyle=|\bon\w+=|url\(|@import", text)
    assert text.count("<svg") == text.count('role="img"') == text.count('aria-label="') - text.count("<nav")
    assert [each for each in re.findall(r"<th\b[^>]*>", text) if "scope=" not in each] == []


def test_twelve_months_are_told_in_words_too(of_all: Report) -> None:
    [label] = re.findall(r'aria-label="(Deployment frequency[^"]+)"', page(of_all, LOCAL))

    assert label.count(";") == 11
    assert "Jun 2025 no data in this period; " in label


def test_the_costliest_frictions_stand_with_their_intervals(of_all: Report) -> None:
    [section] = re.findall(r'aria-labelledby="friction".*?</section>', page(of_all, LOCAL), re.DOTALL)

    assert "Waiting for a review" in section
    assert re.search(r"[\d.,]+ to [\d.,]+</td>", section)


def test_nobody_is_named_anywhere(instance: Instance, of_all: Report) -> None:
    with instance.store.reader() as reader:
        people = {author for (author,) in reader.rows("SELECT DISTINCT author FROM changes")}
    told = page(of_all, LOCAL) + json.dumps(operations.operation("report")(instance, {}, lambda _: None))

    assert len(people) == 9
    assert not [each for each in people if each in told]


def test_a_verdict_stands_with_its_interval_and_what_was_expected(of_all: Report) -> None:
    found = finding(12, "improved", -0.28, 0.1)
    told = Verdict("<Cache>", 12, "ci_execution_time", "log", 0.3, "down", found, ("demo",))
    text = page(replace(of_all, verdicts=Verdicts((told,), ("Later",))), LOCAL)

    assert 'class="verdict improved">improved</span>, -28.0% (95 % interval -38.0% to -18.0%)' in text
    assert "expected down by 30 %" in text
    assert "&lt;Cache&gt;</a>, 12 weeks after its release" in text
    assert "Not judged here: Later." in text


def test_only_some_of_the_interventions_that_are_due_are_judged(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "MOST", 1)
    for name in ("first", "second"):
        plan = {
            "name": name, "metrics": ["deployment_frequency"], "directions": [], "expected": [],
            "release": "2026-04-20", "teams": [], "services": [], "rollout": [], "notes": None, "after_the_fact": True,
        }  # fmt: skip
        operations.operation("intervention_add")(instance, plan, lambda _: None)
    of_may, of_april = judging.verdicts(instance, MAY), judging.verdicts(instance, MAY.moved(-1))

    assert [(each.name, each.horizon) for each in of_may.told] == [("first", 4)]
    assert of_may.left == ("second",)
    assert "registered after its release" in of_may.told[0].remarks[0]
    assert of_april == Verdicts((), ())


@dataclass(frozen=True)
class Sources:
    """An instance that knows its sources and the time."""

    known: tuple[SourceState, ...]

    @property
    def numbers(self) -> Sources:
        """Itself."""
        return self

    def sources(self) -> tuple[SourceState, ...]:
        """The written ones."""
        return self.known

    def clock(self) -> datetime:
        """Some days into the next month."""
        return NOW


def test_a_source_that_ended_within_the_month_is_told_before_one_that_stands_still() -> None:
    at = {"early": MAY.end - timedelta(days=9), "late": MAY.end + timedelta(days=1), "fresh": NOW, "never": None}
    states = [SourceState(name, "git", moment, None, collected=True) for name, moment in at.items()]
    sent = SourceState("sent", "api", MAY.start, None)

    assert list(stale(cast("Instance", Sources((*states, sent))), MAY)) == [
        "early was last read on 23 May 2026: what came later in the month is missing.",
        "late was last read on 02 Jun 2026: what was corrected since is missing.",
        "never was never read to its end.",
    ]


def test_the_newest_report_is_a_page_that_may_load_only_its_own_style(client: TestClient) -> None:
    answer = client.get("/report")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "May 2026: delivery and friction" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert client.get("/report/2026-05", params=SCOPE).text.count("&lt;b&gt;") >= 2


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/report/2026-13", 404, "is no month"),
        ("/report/2026-06.pdf", 404, "not over"),
        ("/report?team=nobody", 404, "No event names a team 'nobody'."),
        ("/report?service=web&team=team0", 400, "not both"),
        ("/report?by=week", 400, "no query parameter 'by'"),
        ("/report?team=team0&team=team1", 400, "once: team"),
    ],
)
def test_what_has_no_report_is_a_problem_document_and_a_page_for_a_browser(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, address: str, status: int, says: str
) -> None:
    monkeypatch.setattr(chromium, "program", lambda: "/bin/false")
    program, browser = client.get(address), client.get(address, headers=BROWSER)

    assert (program.status_code, browser.status_code) == (status, status)
    assert program.headers["content-type"] == "application/problem+json"
    assert says in program.json()["detail"]
    assert says in html.unescape(browser.text)
    assert '<a href="/report">' in browser.text


def test_who_may_not_read_numbers_gets_no_report(instance: Instance) -> None:
    app = Starlette(routes=routes(instance, Access("a-token"), lambda: True))
    with TestClient(app, base_url="http://tribometer.example", client=("10.0.0.9", 50000)) as stranger:
        assert [stranger.get(path).status_code for path in ("/report", "/report/2026-05.pdf")] == [401, 401]
        assert stranger.get("/report", headers={"Authorization": "Bearer a-token"}).status_code == 200


def test_without_a_chromium_the_pdf_is_not_implemented_and_says_what_to_do(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = client.get("/report/2026-05.pdf")

    assert answer.status_code == 501
    assert "print it from a browser" in answer.json()["detail"]


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A Chromium that a test writes, as the first on the path."""
    program = tmp_path / "chromium"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return program


def pretend(program: Path, *lines: str) -> None:
    program.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    program.chmod(0o755)


PRINTING = """
for each in "$@"; do
    case "$each" in --print-to-pdf=*) to="${each#*=}" ;; file://*) from="${each#file://}" ;; esac
done
"""


def test_the_pdf_is_what_the_browser_printed_of_the_page(client: TestClient, pretended: Path) -> None:
    pretend(pretended, PRINTING, '{ echo "%PDF-1.7"; cat "$from"; } > "$to"')
    answer = client.get("/report/2026-05.pdf", params=SCOPE)

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'inline; filename="report-2026-05--b--team.pdf"'
    assert "http://127.0.0.1:8501/delivery?open=change_lead_time" in answer.text
    assert "<nav" not in answer.text


@pytest.mark.parametrize(("lines", "says"), [(["exit 1"], "made no PDF. "), (["exec sleep 60"], "in 0 seconds")])
def test_a_browser_that_fails_or_hangs_is_told_and_may_be_tried_again(
    client: TestClient, pretended: Path, monkeypatch: pytest.MonkeyPatch, lines: list[str], says: str
) -> None:
    pretend(pretended, *lines)
    monkeypatch.setattr(chromium, "SECONDS", 0.3 if "sleep" in lines[0] else 60.0)
    answer = client.get("/report/2026-05.pdf")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert says in answer.json()["detail"]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        cli.main(list(arguments))
    return int(end.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """The data folder of a small store that nobody holds."""
    with opened(Settings(data=tmp_path / "small"), lambda: NOW) as held:
        events = [make.deployment(f"d{day}", "web", MAY.start + timedelta(days=day)) for day in range(20)]
        assert operations.land_events(held, list[object](events))["errors"] == []
    return str(tmp_path / "small")


def test_the_command_prints_the_report_as_text(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--data", folder, "report", "--month", "2026-05") == 0
    told = capsys.readouterr().out

    assert told.startswith("May 2026, the whole organisation, against April 2026\n")
    assert re.search(r"Deployment frequency +4\.5 per week .* cannot tell", told)
    assert re.search(r"Change fail rate +— .* cannot tell", told)
    assert "Deployment frequency (version 1)" in told


def test_the_command_writes_the_page_and_one_json_document(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "may.html"
    assert run("--data", folder, "report", "--month", "2026-05", "--html", str(file), "--json") == 0
    told = json.loads(capsys.readouterr().out)

    assert (told["month"], told["keys"][0]["n"], "page" in told) == ("2026-05", 20, False)
    assert 'href="http://127.0.0.1:8501/delivery?open=deployment_frequency' in file.read_text()


def test_the_command_ends_with_a_sentence_where_it_cannot_do_it(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = str(tmp_path / "gone" / "may.html")
    assert run("--data", folder, "report", "--month", "2026-05", "--html", gone) == 2
    assert f"{gone} cannot be written" in capsys.readouterr().err
    assert run("--data", folder, "report", "--month", "May") == 2
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run("--data", folder, "report", "--pdf", str(tmp_path / "may.pdf")) == 1
    assert "print it from a browser" in capsys.readouterr().err


def test_a_bucket_of_one_month_is_named_for_readers() -> None:
    window = Window(from_=MAY.start, to=MAY.end)
    result = page_reader.result("change_lead_time", window=window, bucket=BucketLabel(label="2026-05", partial=False))

    assert LOCAL.opens(result) == "/delivery?open=change_lead_time&period=Custom&days=2026-05-01&days=2026-05-31"
    assert Month(MAY.first).words == "May 2026"
