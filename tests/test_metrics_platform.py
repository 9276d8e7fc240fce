"""What platform metrics say of a golden path that is declared, cut by what they keep, and of what nobody could tell."""

from __future__ import annotations

from typing import Any

import pytest

import factories as make
from factories import Event, day, sha_of
from metric_answers import RULES, answer, landed, query
from metrics import compute, explain, unit_rows
from tribometer.settings import GoldenPath, Rules

DECLARED = Rules(
    golden_path=GoldenPath(templates=("service-*",), workflows=("acme/platform/*/deploy.yml@*", "paved-deploy"))
)
DEPLOY = ".github/workflows/deploy.yml"


def put(name: str, to: str, time: float = 10, /, **fields: Any) -> Event:
    """Make a production deployment of a version of its own."""
    return make.deployment(name, to, day(time), **{"sha": sha_of(name), **fields})


def run(name: str, workflow: str, repository: str = "acme/api") -> Event:
    """Make the run that a deployment was made by."""
    known = {"repository": repository, "workflow": workflow, "run": name, "attempt": 1, "sha": sha_of(name)}
    return make.event("run", name, created_at=day(9), **known)


def pipeline(name: str, seen: float, *uses: str) -> Event:
    """Make a look at the file that deploys."""
    known = {"repository": "acme/api", "path": DEPLOY, "observed_at": day(seen), "uses": list(uses)}
    return make.event("pipeline_definition", name, **known)


def told_by(events: list[Event], rules: Rules = DECLARED) -> dict[str, tuple[str | None, str | None]]:
    """Give by deployment the path it went, and what tells it."""
    with landed(events) as reader:
        rows = list(unit_rows(reader, query("golden_path_adoption"), rules))
    return {row["id"]: (row["evidence"]["path"], row["evidence"]["told_by"]) for row in rows}


def test_what_a_source_says_of_the_path_goes_before_workflow_and_template() -> None:
    api = make.service("api", repository="acme/api", template="service-go")

    paths = told_by([api, run("r", "paved-deploy"), put("d", "api", path="manual", run="r")])

    assert paths == {"d": ("manual", "source")}


def test_a_workflow_is_golden_by_its_name_or_by_the_pipeline_it_takes_by_reference() -> None:
    events = [
        make.service("api", repository="acme/api"),
        run("named", "paved-deploy"),
        put("a", "api", 10, run="named"),
        pipeline("before", 2, "actions/checkout@v4"),
        pipeline("since", 12, "actions/checkout@v4", "acme/platform/.github/workflows/deploy.yml@v3"),
        run("file", DEPLOY),
        put("b", "api", 11, run="file"),
        put("c", "api", 13, run="file"),
    ]

    assert told_by(events) == {"a": ("golden", "workflow"), "b": ("other", "workflow"), "c": ("golden", "workflow")}


def test_a_workflow_whose_file_nobody_saw_leaves_it_to_the_template() -> None:
    events = [
        make.service("api", repository="acme/api", template="service-go"),
        make.service("web", repository="acme/web", template="by-hand"),
        make.service("job", repository="acme/job"),
        *(run(name, DEPLOY, f"acme/{name}") for name in ("api", "web", "job")),
        *(put(f"{name}-1", name, run=name) for name in ("api", "web", "job")),
    ]

    paths = told_by(events)

    assert paths == {"api-1": ("golden", "template"), "web-1": ("other", "template"), "job-1": (None, None)}


def test_the_statement_that_explains_adoption_needs_nothing_but_the_store() -> None:
    events = [make.service("api", template="service-go"), make.service("web"), put("a", "api"), put("b", "web")]
    with landed(events) as reader:
        told = explain(reader, query("golden_path_adoption"), DECLARED)
        rows = reader.rows(told.sql.rstrip().rstrip(";"))

    assert [row[:1] + row[2:4] for row in rows] == [(None, 1, 1.0), ("api", 1, 1.0)]
    assert told.result.exclusions == {"unknown_path": 1}


def test_without_declared_templates_those_that_have_releases_are_golden() -> None:
    release = make.event("template_release", "t@1", template="paved", release="1", released_at=day(-9))
    events = [make.service("api", template="paved"), make.service("web", template="own"), release]

    paths = told_by([*events, put("a", "api"), put("b", "web")], RULES)

    assert paths == {"a": ("golden", "template"), "b": ("other", "template")}


@pytest.mark.parametrize(
    ("metric", "source"),
    [
        ("approval_wait", "github"),
        ("golden_path_adoption", "[golden_path]"),
        ("golden_path_retention", "[golden_path]"),
        ("golden_path_reentry", "[golden_path]"),
        ("voluntary_choice_rate", "backstage"),
        ("shadow_deployment_rate", "argocd"),
        ("provisioning_wait", "`request` events"),
        ("self_service_rate", "`request` events"),
        ("platform_task_success", "`request` events"),
    ],
)
def test_what_nobody_could_tell_names_the_source_that_would(metric: str, source: str) -> None:
    with landed([make.service("api"), put("a", "api")]) as reader:
        result = compute(reader, query(metric), RULES)

    assert (result.status, result.value, result.coverage) == ("not_observable", None, None)
    assert source in (result.hint or "")


def asked(name: str, kind: str, hours: float) -> Event:
    """Make a request that nobody touched."""
    known = {"kind": kind, "team": "red", "requested_at": day(10), "usable_at": day(10, hours), "human_touches": 0}
    return make.event("request", name, **known)


def test_kinds_of_requests_are_series_of_their_own() -> None:
    events = [asked("a", "database", 2), asked("b", "database", 4), asked("c", "access", 1)]

    series = answer("provisioning_wait", events, by="kind")["series"]

    assert {each["bucket"]["label"]: (each["value"], each["n"]) for each in series} == {
        "access": (3600.0, 1),
        "database": (10_800.0, 2),
    }


def test_approvals_of_requests_and_of_deployments_are_series_of_their_own() -> None:
    events = [
        make.service("api"),
        put("d", "api", 11),
        asked("r", "database", 9),
        make.gate("a", day(10, 9), deployment="d", decided_at=day(10, 10)),
        make.gate("b", day(10, 9), request="r", decided_at=day(10, 9)),
    ]

    series = answer("approval_wait", events, by="subject", clock="calendar")["series"]

    assert {each["bucket"]["label"]: each["value"] for each in series} == {"deployment": 3600.0, "request": 0.0}


@pytest.mark.parametrize(
    ("zone", "seconds"),
    [("UTC", 3600.0), ("Asia/Tokyo", 0.0)],
)
def test_an_approval_is_waited_for_in_the_hours_of_the_team_that_owns_the_service(zone: str, seconds: float) -> None:
    events = [
        make.event("team", "red", timezone=zone),
        make.service("api"),
        make.ownership("api/red", "red", service="api"),
        put("d", "api", 10.9),
        make.gate("a", day(10, 15), deployment="d", decided_at=day(10, 16)),
    ]

    assert answer("approval_wait", events)["value"] == seconds


def stays(name: str, gone: float | None) -> list[Event]:
    """Make a service that took the golden path on the first day, and left it for good after some days."""
    events = [put(f"{name}-0", name, 1, path="golden")]
    if gone is not None:
        events += [put(f"{name}-{n}", name, 1 + gone + n, path="other") for n in (1, 2)]
    return events


def test_retention_is_kaplan_meiers_share_with_its_band() -> None:
    events = [
        *stays("a", 19),
        *stays("b", 49),
        *stays("c", 88),
        *stays("d", None),
        *stays("e", None),
        *stays("f", None),
    ]

    result = answer("golden_path_retention", events)

    assert result["value"] == pytest.approx(0.5)
    assert (result["n"], result["left"], result["interval"]["method"]) == (6, 3, "kaplan_meier")
    assert result["interval"]["low"] < 0.5 < result["interval"]["high"]
