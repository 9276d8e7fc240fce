from typing import Any

import pytest

from derivation import deployment, derived_from, graph_of, line_of, on_day, roles, rows_by_id, shipped_by
from tribometer.settings import Rules
from tribometer.store.derive_model import DeploymentRow
from tribometer.store.derive_rollouts import is_production


def in_region(name: str, day: float | None, region: str, sha: str = "a", **fields: Any) -> DeploymentRow:
    return deployment(name, day, sha, environment=region, tier="production", **fields)


@pytest.mark.parametrize(
    ("environment", "tier", "expected"),
    [
        ("production", None, True),
        ("PROD", None, True),
        ("live-eu", None, True),
        ("preprod", None, False),
        ("somewhere", None, False),
        ("somewhere", "production", True),
        ("production", "staging", False),
    ],
)
def test_the_stated_tier_wins_over_the_patterns(environment: str, tier: str | None, *, expected: bool) -> None:
    assert is_production(deployment("d", 1, environment=environment, tier=tier), Rules()) is expected


def test_the_first_tier_that_matches_decides() -> None:
    rules = Rules(environments={"staging": ("*-test",), "production": ("live*",)})
    assert not is_production(deployment("d", 1, environment="Live-Test"), rules)
    assert is_production(deployment("d", 1, environment="Live-EU"), rules)


def test_other_tiers_make_no_rows() -> None:
    assert derived_from([deployment("d", 1, environment="staging")]).deployments == ()


def test_the_steps_of_a_group_are_one_deployment() -> None:
    steps = [
        deployment("ten", 1, "a", group_id="g", kind="canary_step", started_at=on_day(0.5)),
        deployment("half", 2, "a", group_id="g", kind="canary_step", started_at=on_day(1.5)),
        deployment("all", 3, "a", group_id="g", started_at=on_day(2.5), users_affected=False),
        deployment("smoke", 4, "a", group_id="g", required=False, status="failure"),
    ]
    derived = derived_from(steps)
    (row,) = derived.deployments
    assert (row.id, row.role, row.group_id, row.users_affected) == ("all", "shipped", "g", False)
    assert (row.started_at, row.finished_at) == (on_day(0.5), on_day(3))
    assert {step.step_id for step in derived.steps} == {"ten", "half", "all", "smoke"}


@pytest.mark.parametrize(
    ("statuses", "role"),
    [
        (["success", "failure"], "failed_attempt"),
        (["success", "cancelled"], "cancelled"),
        (["cancelled", "failure"], "failed_attempt"),
        (["success", "running"], "unfinished"),
        (["failure", "queued"], "failed_attempt"),
    ],
)
def test_a_group_is_done_only_with_all_required_steps(statuses: list[str], role: str) -> None:
    steps = [deployment(f"s{n}", n, "a", group_id="g", status=status) for n, status in enumerate(statuses)]
    assert roles(derived_from(steps)) == [role]


def test_groups_of_two_sources_with_one_name_are_two() -> None:
    steps = [deployment("s", n, f"v{n}", group_id="1", source=source) for n, source in enumerate(("left", "right"))]
    assert roles(derived_from(steps)) == ["shipped", "shipped"]


def test_a_group_that_goes_back_in_one_of_its_regions_is_a_rollback() -> None:
    deployments = [
        in_region("eu-1", 1, "eu", "v1"),
        in_region("us-2", 2, "us", "v2"),
        in_region("us-1", 1.5, "us", "v1"),
        in_region("g-eu", 20, "eu", "v1", group_id="g"),
        in_region("g-us", 21, "us", "v1", group_id="g"),
    ]
    derived = rows_by_id(derived_from(deployments))
    assert (derived["g-us"].role, derived["g-us"].failed_last_id) == ("rollback", "us-2")


def test_a_version_reaching_another_region_within_a_week_is_the_same_deployment() -> None:
    derived = derived_from([in_region("eu", 1, "eu"), in_region("us", 3, "us"), in_region("ap", 8, "ap")])
    (row,) = derived.deployments
    assert (row.id, row.environment, row.first_finished_at, row.finished_at) == ("eu", "eu", on_day(1), on_day(8))
    assert {step.step_id for step in derived.steps} == {"eu", "us", "ap"}


def test_a_version_reaching_another_region_after_a_week_is_a_redeploy() -> None:
    assert roles(derived_from([in_region("eu", 1, "eu"), in_region("us", 8.1, "us")])) == ["shipped", "redeploy"]


def test_a_version_reaching_the_same_region_again_is_a_redeploy() -> None:
    deployments = [in_region("eu", 1, "eu"), in_region("us", 2, "us"), in_region("us-2", 3, "us")]
    assert roles(derived_from(deployments)) == ["shipped", "redeploy"]


def test_a_deployment_to_staging_puts_no_release_tags_aside() -> None:
    tag = deployment("tag", 2, "a", inferred_from="annotated_tag")
    tried = deployment("tried", 1, "a", environment="staging")

    assert roles(derived_from([tried, tag], line_of("a"))) == ["shipped"]


def test_explicit_deployments_win_over_release_tags() -> None:
    tag = deployment("tag", 1, "a", inferred_from="annotated_tag")
    graph = line_of("a", "b")
    assert roles(derived_from([tag], graph)) == ["shipped"]
    derived = derived_from([tag, deployment("d", 2, "b")], graph)
    assert {row.id: (row.role, row.rule) for row in derived.deployments} == {
        "d": ("shipped", None),
        "tag": ("other_origin", "E5"),
    }
    assert shipped_by(derived) == {"d": {"a", "b"}, "tag": set()}
    assert rows_by_id(derived)["d"].is_first


def test_a_deployment_without_a_finish_ends_when_it_started() -> None:
    derived = derived_from(
        [
            deployment("started", None, "a", started_at=on_day(2), created_at=on_day(1)),
            deployment("created", None, "b", created_at=on_day(1)),
            deployment("timeless", None, "c"),
        ],
    )
    assert {row.id: (row.role, row.finished_at) for row in derived.deployments} == {
        "started": ("shipped", on_day(2)),
        "created": ("shipped", on_day(1)),
        "timeless": ("unfinished", None),
    }


def test_each_deployment_knows_what_ran_before_it() -> None:
    deployments = [
        deployment("d1", 1, "a"),
        deployment("failure", 2, "b", status="failure"),
        deployment("config", 3, "b", kind="config"),
        deployment("d2", 4, "b"),
        deployment("d3", 70, "c"),
    ]
    derived = rows_by_id(derived_from(deployments, line_of("a", "b", "c")))
    assert [derived[name].previous_id for name in ("d1", "failure", "d2", "d3")] == [None, "d1", "d1", "d2"]
    assert derived["d3"].previous_finished_at == on_day(4)
    assert [derived[name].backfill for name in ("d1", "d2", "d3")] == [False, False, True]


def test_equal_finishes_are_ordered_by_id_then_source() -> None:
    deployments = [
        deployment("b", 1, "a"),
        deployment("a", 1, "b", source="z"),
        deployment("a", 1, "c", source="y"),
    ]
    derived = derived_from(deployments, line_of("a", "b", "c"))
    assert [(row.source, row.id) for row in derived.deployments] == [("y", "a"), ("z", "a"), ("ci", "b")]
    assert {commit.sha: commit.deployment_source for commit in derived.shipped} == dict.fromkeys("abc", "y")


def test_more_than_five_thousand_commits_are_a_backfill() -> None:
    shas = [f"c{n}" for n in range(5003)]
    deployments = [deployment("d1", 1, shas[0]), deployment("d2", 2, shas[1]), deployment("d3", 3, shas[-1])]
    derived = rows_by_id(derived_from(deployments, line_of(*shas)))
    assert [(row.commit_count, row.backfill) for row in derived.values()] == [(1, False), (1, False), (5001, True)]


def test_a_group_that_failed_ended_with_its_last_step_that_ended() -> None:
    steps = [
        deployment("first", 1, "a", group_id="g", status="failure"),
        deployment("second", None, "a", group_id="g", status="queued"),
    ]
    (row,) = derived_from(steps).deployments
    assert (row.id, row.finished_at) == ("first", on_day(1))


def test_a_release_that_touches_none_of_a_services_paths_is_not_its_own() -> None:
    parents = {"a": [], "b": ["a"], "c": ["b"]}
    tags = [deployment(name, day, name, inferred_from="annotated_tag") for day, name in enumerate(parents)]
    derived = derived_from(tags, graph_of(parents, touching=["a", "c"]), paths=("web/",))
    assert roles(derived) == ["shipped", "untouched", "shipped"]
    assert [row.previous_id for row in derived.deployments] == [None, "a", "a"]
    explicit = [deployment(name, day, name) for day, name in enumerate(parents)]
    derived = derived_from(explicit, graph_of(parents, touching=["a", "c"]), paths=("web/",))
    assert roles(derived) == ["shipped"] * 3
    assert [row.commit_count for row in derived.deployments] == [1, 0, 1]


def test_a_joined_region_that_lags_behind_ends_the_deployment() -> None:
    deployments = [
        in_region("eu-1", 1, "eu", "a"),
        in_region("eu-2", 2, "eu", "b"),
        in_region("us-1", 3, "us", "a"),
        in_region("us-2", 4, "us", "b"),
    ]
    derived = rows_by_id(derived_from(deployments, line_of("a", "b")))
    assert [(row.role, row.first_finished_at, row.finished_at) for row in derived.values()] == [
        ("shipped", on_day(1), on_day(3)),
        ("shipped", on_day(2), on_day(4)),
    ]
