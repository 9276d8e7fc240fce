"""Interventions from the command to the record: registered before their release, and judged behind it."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

import factories as make
from service_places import NOON
from tribometer.errors import UsageError
from tribometer.events import parse_event
from tribometer.service.access import Access
from tribometer.service.asgi import routes
from tribometer.service.cli import app
from tribometer.service.command import Place
from tribometer.service.instance import Instance, opened
from tribometer.service.interventions.planted import register
from tribometer.service.recording import actor
from tribometer.service.session import Direct
from tribometer.settings import Settings

TEAMS = ("billing", "checkout", "mobile", "payments", "search", "accounts")
EVENTS = [
    make.event("team", "acme", name="acme"),
    *(make.event("team", team, name=team, parent="acme") for team in TEAMS),
    *(make.ownership(f"{team}-api", team, service=f"{team}-api") for team in TEAMS),
    *(
        make.deployment(f"{team}-{number}", f"{team}-api", NOON - timedelta(days=number + offset), artifact=f"{number}")
        for offset, team in enumerate(TEAMS)
        for number in range(0, 420, 2 + offset)
    ),
    *(
        make.incident(
            f"{team}-{number}",
            f"{team}-api",
            change_caused="yes",
            impact_started_at=NOON - timedelta(days=number + offset, hours=-1),
            deployment=f"{team}-{number}",
        )
        for offset, team in enumerate(TEAMS)
        for number in range(0, 420, (2 + offset) * (3 + offset % 2))
    ),
]
NOTHING: Mapping[str, Any] = {
    "metrics": [], "directions": [], "expected": [], "release": None, "teams": [], "services": [], "rollout": [],
    "notes": None, "after_the_fact": False,
}  # fmt: skip
CACHE: Mapping[str, Any] = {
    **NOTHING, "metrics": ["deployment_frequency"], "release": "2026-03-02", "teams": ["payments", "search"],
}  # fmt: skip


class Clock:
    """A clock that a test sets."""

    now = NOON

    def __call__(self) -> datetime:
        """Tell the time that was set."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def instance(tmp_path: Path, clock: Clock) -> Iterator[Instance]:
    with opened(Settings(data=tmp_path / "data"), clock) as held:
        held.store.land([parse_event(each) for each in EVENTS])
        held.changed()
        yield held


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """For what must leave nothing behind, so that many can share it."""
    with opened(Settings(data=tmp_path_factory.mktemp("untouched") / "data"), Clock()) as held:
        held.store.land([parse_event(each) for each in EVENTS])
        held.changed()
        yield held


def perform(instance: Instance, operation: str, name: str | None = None, **arguments: Any) -> dict[str, Any]:
    """Perform an operation as a command does."""
    told = {} if name is None else {"name": name}
    return Direct(instance).perform(f"intervention_{operation}", {**arguments, **told}, lambda _: None)


def added(instance: Instance, name: str = "cache", **changed: Any) -> dict[str, Any]:
    return perform(instance, "add", name, **{**CACHE, **changed})


def test_what_is_registered_is_told_with_its_expectation_and_its_time(instance: Instance) -> None:
    told = added(instance, expected=["20%"], notes="a cache")
    assert told["metrics"] == [{"metric": "deployment_frequency", "direction": "up", "expected_share": 0.2}]
    assert (told["scopes"], told["first_release"], told["status"]) == (
        ["team:payments", "team:search"], "2026-03-02", "planned",
    )  # fmt: skip
    assert (told["registered_at"], told["recorded_by"]) == (NOON.isoformat(), actor())
    assert perform(instance, "list")["interventions"] == [told]


def test_several_metrics_each_have_their_own_direction_and_size(instance: Instance) -> None:
    told = added(
        instance,
        metrics=["change_fail_rate", "pr_size"],
        directions=["pr_size=down"],
        expected=["change_fail_rate=0.1", "pr_size=50%"],
    )
    assert [tuple(each.values()) for each in told["metrics"]] == [
        ("change_fail_rate", "down", 0.1),
        ("pr_size", "down", 0.5),
    ]


def test_a_roll_out_says_who_gets_it_when_and_alone_says_for_whom_it_is(instance: Instance) -> None:
    mixed = added(instance, rollout=["search=2026-04-01"])
    alone = added(instance, "alone", release=None, teams=[], rollout=["search=2026-04-01", "team:mobile=2026-05-04"])
    everybody = added(instance, "everybody", teams=[], rollout=["mobile=2026-04-01"])
    assert (mixed["first_release"], mixed["last_release"]) == ("2026-03-02", "2026-04-01")
    assert (alone["scopes"], alone["first_release"]) == (["team:search", "team:mobile"], "2026-04-01")
    assert (everybody["scopes"], everybody["rollout"]) == ([], {"team:mobile": "2026-04-01"})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"metrics": ["deployment_frequencies"]}, "no metric 'deployment_frequencies'. Did you mean deployment_freq"),
        ({"metrics": []}, "Give --metric NAME"),
        ({"metrics": ["time_to_first_change"]}, "not measured week by week for one team; choose one of: approval_wait"),
        ({"metrics": ["quick_check"]}, "not measured week by week"),
        ({"metrics": ["pr_size"]}, "pr_size is not better one way or the other: say where it should go"),
        ({"teams": ["paymets"]}, "No event names a team 'paymets'. Did you mean payments?"),
        ({"teams": ["zzz"]}, "`tribometer metric deployment_frequency --by team` lists them"),
        ({"teams": [], "services": ["payments"]}, "No event names a service 'payments'. Did you mean payments-api?"),
        ({"services": ["search-api"]}, "for teams or for services, not for both"),
        ({"release": "2. 3. 2026"}, "--release '2. 3. 2026': write a day like 2026-03-02"),
        ({"release": "20260302"}, "write a day like 2026-03-02"),
        ({"release": "2026-02-30"}, "write a day like 2026-03-02"),
        ({"release": "2026-03-02T10:00:00Z"}, "write a day like 2026-03-02"),
        ({"release": None}, "When is it released?"),
        ({"rollout": ["billing=2026-04-01"]}, "'billing': the intervention is for team:payments, team:search"),
        ({"teams": [], "rollout": ["serch=2026-04-01"]}, "Did you mean search"),
        ({"rollout": ["search"]}, "like payments=2026-03-02"),
        ({"rollout": ["search=soon"]}, "--rollout search= 'soon': write a day"),
        ({"rollout": ["search=2026-04-01", "team:search=2026-05-01"]}, "names 'team:search' twice"),
        ({"expected": ["0"]}, "above 0"),
        ({"expected": ["0%"]}, "above 0"),
        ({"expected": ["-10%"]}, "above 0"),
        ({"expected": ["lots"]}, "--expected 'lots': by which share"),
        ({"expected": ["nan"]}, "by which share"),
        ({"expected": ["5"]}, "write 5% for a share of 0.05, or 500%"),
        ({"expected": ["pr_size=5%"]}, "the intervention names deployment_frequency"),
        ({"expected": ["5%", "10%"]}, "--expected is given twice for deployment_frequency"),
        ({"metrics": ["change_fail_rate", "revert_rate"], "expected": ["5%"]}, "of which metric? Write change_fail"),
        ({"directions": ["down"], "expected": ["100%"]}, "cannot go down by all it is"),
        ({"directions": ["sideways"]}, "choose down or up"),
        ({"name": " "}, "is no name"),
        ({"name": "a/b"}, "write words without /"),
        ({"name": "a\nb"}, "is no name"),
        ({"release": "2026-01-31"}, "The release on 2026-01-31 is over"),
        ({"after_the_fact": True}, "is not over: leave --after-the-fact out"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_would(untouched: Instance, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        perform(untouched, "add", **{"name": "cache", **CACHE, **wrong})
    assert said in str(caught.value)
    assert perform(untouched, "list") == {"interventions": []}
    assert untouched.records.audit.newest() == []


def test_a_team_is_named_when_nobody_knows_any(tmp_path: Path) -> None:
    with opened(Settings(data=tmp_path / "empty"), Clock()) as empty, pytest.raises(UsageError, match="collect first"):
        added(empty)


def test_the_same_name_is_taken_once(instance: Instance) -> None:
    kept = added(instance)
    with pytest.raises(UsageError, match="already"):
        added(instance, release="2026-05-04")
    assert perform(instance, "list")["interventions"] == [kept]


def test_an_amendment_changes_what_is_given_and_keeps_the_rest(instance: Instance) -> None:
    added(instance, expected=["20%"], rollout=["search=2026-04-01"], notes="a cache")
    told = perform(instance, "amend", "cache", **{**NOTHING, "expected": ["30%"], "release": "2026-03-09"})
    assert (told["released_on"], told["notes"], told["rollout"]) == (
        "2026-03-09", "a cache", {"team:search": "2026-04-01"},
    )  # fmt: skip
    assert told["metrics"] == [{"metric": "deployment_frequency", "direction": "up", "expected_share": 0.3}]
    narrowed = perform(instance, "amend", "cache", **{**NOTHING, "teams": ["mobile"], "metrics": ["revert_rate"]})
    assert (narrowed["scopes"], narrowed["rollout"]) == (["team:mobile"], {})
    assert narrowed["metrics"] == [{"metric": "revert_rate", "direction": "down", "expected_share": None}]
    history = perform(instance, "list", history=True)["interventions"]
    assert [(each["revision"], each["change"]) for each in history] == [(1, "added"), (2, "amended"), (3, "amended")]


def test_from_its_release_on_nothing_of_it_changes(instance: Instance, clock: Clock) -> None:
    added(instance)
    clock.now = datetime(2026, 3, 2, 6, tzinfo=UTC)
    kept = perform(instance, "list")
    for operation in ("amend", "withdraw"):
        with pytest.raises(UsageError, match="since its first release on 2026-03-02"):
            perform(instance, operation, "cache", **{**NOTHING, "release": "2026-09-01"})
    assert perform(instance, "list") == kept
    assert kept["interventions"][0]["status"] == "released"


def test_every_change_stands_in_the_audit_log_and_what_was_refused_does_not(instance: Instance) -> None:
    added(instance)
    perform(instance, "amend", "cache", **{**NOTHING, "release": "2026-03-09"})
    perform(instance, "withdraw", "cache")
    with pytest.raises(UsageError, match="was withdrawn"):
        perform(instance, "withdraw", "cache")
    entries = instance.records.audit.newest()[::-1]
    assert [(each.actor, each.action, each.subject, each.details["released_on"]) for each in entries] == [
        (actor(), "intervention.add", "cache", "2026-03-02"),
        (actor(), "intervention.amend", "cache", "2026-03-09"),
        (actor(), "intervention.withdraw", "cache", "2026-03-09"),
    ]


def test_what_was_registered_after_its_release_says_so_everywhere(instance: Instance) -> None:
    told = added(instance, release="2025-09-01", after_the_fact=True)
    mark = "registered after its release: read it as exploration, not as a test"
    assert told["after_the_fact"]
    assert told["remarks"] == [mark]
    assert perform(instance, "list")["interventions"][0]["remarks"] == [mark]
    assert perform(instance, "verdict", "cache")["intervention"]["remarks"] == [mark]


def test_a_verdict_tells_method_counts_and_effect_of_every_metric_at_every_horizon(instance: Instance) -> None:
    added(
        instance,
        metrics=["deployment_frequency", "change_fail_rate"],
        release=None,
        after_the_fact=True,
        rollout=["payments=2025-06-02", "search=2025-07-07"],
    )
    told = json.loads(json.dumps(perform(instance, "verdict", "cache")))
    assert (told["compared"], told["transition_weeks"]) == ("team", 2)
    frequency, failures = told["metrics"]
    assert (frequency["better"], frequency["scale"], failures["scale"]) == ("higher", "log", "logit")
    assert (frequency["treated"], len(frequency["never_treated"])) == (["payments", "search"], 4)
    assert [each["horizon_weeks"] for each in frequency["findings"]] == [4, 12, 26]
    assert {each["verdict"] for each in frequency["findings"]} == {"no_detectable_change"}
    tests = [each for metric in told["metrics"] for each in metric["findings"] if each["p"] is not None]
    assert {each["method"] for each in tests} == {"interrupted_time_series_with_controls"}
    # Holm over all metrics and horizons: the smallest p is multiplied by how many there are
    first = min(tests, key=lambda each: each["p"])
    assert len(tests) == 4
    assert first["p_adjusted"] == pytest.approx(min(1.0, len(tests) * first["p"]))


def test_before_its_release_there_is_not_enough_to_judge(instance: Instance) -> None:
    added(instance)
    [metric] = perform(instance, "verdict", "cache")["metrics"]
    assert {each["verdict"] for each in metric["findings"]} == {"not_enough_data"}
    assert all(each["reason"] for each in metric["findings"])


def test_services_are_compared_with_services_and_teams_get_what_those_above_them_get(instance: Instance) -> None:
    added(instance, teams=[], services=["search-api"], release="2025-06-02", after_the_fact=True)
    added(instance, "above", teams=["acme"], release="2025-06-02", after_the_fact=True)
    [services] = perform(instance, "verdict", "cache")["metrics"]
    [teams] = perform(instance, "verdict", "above")["metrics"]
    assert (services["treated"], len(services["never_treated"])) == (["search-api"], 5)
    assert (teams["treated"], teams["never_treated"]) == (sorted(TEAMS), [])


def test_what_is_not_there_or_was_withdrawn_has_no_verdict(instance: Instance) -> None:
    added(instance)
    with pytest.raises(UsageError, match=r"no intervention 'cach'\. Did you mean 'cache'"):
        perform(instance, "verdict", "cach")
    perform(instance, "withdraw", "cache")
    with pytest.raises(UsageError, match="withdrawn before its release"):
        perform(instance, "verdict", "cache")


@pytest.fixture
def client(instance: Instance) -> Iterator[TestClient]:
    access = Access("the-local-token", scopes_of=instance.records.tokens.scopes_of)
    whole = Starlette(routes=routes(instance, access, lambda: True))
    with TestClient(whole, base_url="http://dora.example", client=("192.0.2.7", 50000)) as found:
        yield found


def test_the_routes_tell_what_the_commands_print(instance: Instance, client: TestClient) -> None:
    added(instance, "build cache", release="2025-09-01", after_the_fact=True)
    secret = instance.records.tokens.add("t", ["read"]).secret
    headers = {"Authorization": f"Bearer {secret}"}
    listed = client.get("/api/v1/interventions", headers=headers).json()
    one = client.get("/api/v1/interventions/build%20cache", headers=headers).json()
    verdict = client.get("/api/v1/interventions/build%20cache/verdict", headers=headers).json()
    assert listed == perform(instance, "list")
    assert one == {**listed["interventions"][0], "history": listed["interventions"]}
    assert verdict == perform(instance, "verdict", "build cache")


@pytest.mark.parametrize("path", ["", "/cache", "/cache/verdict"])
def test_the_routes_take_a_token_and_name_what_is_not_there(instance: Instance, client: TestClient, path: str) -> None:
    headers = {"Authorization": f"Bearer {instance.records.tokens.add('t', ['read']).secret}"}
    answer = client.get(f"/api/v1/interventions{path}", headers=headers)
    assert client.get(f"/api/v1/interventions{path}").status_code == 401
    assert client.get(f"/api/v1/interventions{path}?by=team", headers=headers).status_code == 400
    assert answer.status_code == (404 if path else 200)
    assert path == "" or "There is no intervention 'cache'" in answer.json()["detail"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with events."""
    with opened(Settings(data=tmp_path / "data"), lambda: NOON) as held:
        held.store.land([parse_event(each) for each in EVENTS])
        held.changed()
    return tmp_path / "data"


def invoke(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--data", str(data), "intervention", *arguments], obj=Place())


def test_the_commands_register_amend_list_judge_and_withdraw(data: Path, tmp_path: Path) -> None:
    rollout = tmp_path / "rollout.csv"
    rollout.write_text("scope,date\npayments,2199-01-07\nsearch,2199-02-04\n", encoding="utf-8-sig")
    made = invoke(
        data, "add", "cache", "--metric", "deployment_frequency", "--expected", "20%", "--rollout-file", str(rollout)
    )
    assert (made.exit_code, made.stdout) == (0, "")
    assert "cache is registered. It can be changed until its first release." in made.stderr
    amended = json.loads(invoke(data, "amend", "cache", "--notes", "a cache", "--json").stdout)
    assert (amended["first_release"], amended["revision"]) == ("2199-01-07", 2)
    table = invoke(data, "list").stdout
    assert "planned" in table
    assert "deployment_frequency up by 20%" in table
    assert invoke(data, "list", "--history").stdout.count("cache") == 2
    text = invoke(data, "verdict", "cache").stdout
    assert "not enough data" in text
    assert "amended once before its release" in text
    assert "(DORA)" in text
    assert invoke(data, "withdraw", "cache").exit_code == 0
    assert "withdrawn" in invoke(data, "list").stdout


def test_the_words_of_a_verdict_say_what_the_document_says(data: Path) -> None:
    options = ("--metric", "change_fail_rate", "--metric", "deployment_frequency", "--after-the-fact")
    made = invoke(data, "add", "cache", *options, "--team", "payments", "--release", "2025-06-02")
    assert "It stands as it is from now on." in made.stderr
    assert "registered after its release: read it as exploration" in made.stderr
    document = json.loads(invoke(data, "verdict", "cache", "--json").stdout)
    text = invoke(data, "verdict", "cache").stdout
    assert "mind       registered after its release: read it as exploration, not as a test" in text
    words = {
        "improved": "improved", "worse": "worse", "no_detectable_change": "no detectable change",
        "not_enough_data": "not enough data",
    }  # fmt: skip
    for metric in document["metrics"]:
        assert metric["title"] in text
        for finding in metric["findings"]:
            assert f"{finding['horizon_weeks']:>2} weeks   {words[finding['verdict']]}" in text


def test_listing_makes_no_data_folder(tmp_path: Path) -> None:
    assert json.loads(invoke(tmp_path / "none", "list", "--json").stdout) == {"interventions": []}
    assert "No intervention yet" in invoke(tmp_path / "none", "list").stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"team,date\npayments,2199-01-07\n", "needs the columns scope and date"),
        (b"", "needs the columns scope and date"),
        (b"scope,date\npayments\n", "line 2 lacks a scope or a date"),
        (b"\xff\xfe", "is no CSV in UTF-8"),
        (None, "No such file"),
    ],
)
def test_a_roll_out_file_that_cannot_be_read_is_named(
    data: Path, tmp_path: Path, content: bytes | None, said: str
) -> None:
    file = tmp_path / "rollout.csv"
    if content is not None:
        file.write_bytes(content)
    failed = invoke(data, "add", "cache", "--metric", "deployment_frequency", "--rollout-file", str(file))
    assert isinstance(failed.exception, UsageError)
    assert said in str(failed.exception)


def test_an_amendment_of_nothing_asks_what(data: Path) -> None:
    assert "What shall be changed?" in str(invoke(data, "amend", "cache").exception)


def test_the_demo_registers_anew_what_it_planted_and_leaves_what_somebody_added(instance: Instance) -> None:
    folder = instance.settings.data
    mine = added(instance, "mine")
    register(folder, NOON)
    register(folder, NOON + timedelta(days=1))
    listed = {each["name"]: each for each in perform(instance, "list")["interventions"]}
    assert set(listed) == {"mine", "Build cache", "Review reminders"}
    assert listed["mine"] == mine
    cache = listed["Build cache"]
    assert cache["demo"]
    assert not cache["after_the_fact"]
    assert cache["first_release"] == (NOON + timedelta(days=1 - 420)).date().isoformat()
    assert cache["registered_at"] < cache["first_release"]
    assert "demo organisation" in cache["remarks"][0]
