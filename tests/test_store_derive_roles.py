from datetime import timedelta

from derivation import deployment, derived_from, graph_of, line_of, roles, rows_by_id
from tribometer.settings import Rules
from tribometer.store.derive_model import DeploymentRow, ProductionDeployment

HOUR = 1 / 24


def chain(*versions: str, apart: float = 1) -> list[DeploymentRow]:
    return [deployment(f"d{n}", n * apart, artifact=version) for n, version in enumerate(versions, 1)]


def failed(row: ProductionDeployment) -> tuple[str | None, str | None, str | None]:
    return row.restored_id, row.failed_first_id, row.failed_last_id


def test_a_return_to_the_version_before_last_blames_the_first_one_after_it() -> None:
    derived = derived_from(chain("v1", "v2", "v3", "v1"))
    assert roles(derived) == ["shipped", "shipped", "shipped", "rollback"]
    assert failed(rows_by_id(derived)["d4"]) == ("d1", "d2", "d3")


def test_the_same_version_twice_in_a_row_is_a_redeploy() -> None:
    derived = derived_from(chain("v1", "v1"))
    assert [(row.role, row.rule) for row in derived.deployments] == [("shipped", None), ("redeploy", "E7")]


def test_of_two_roll_outs_of_a_version_at_once_the_first_to_finish_shipped_it() -> None:
    steps = [
        deployment("s1", 1, "a", environment="live-eu", group_id="g"),
        deployment("s2", 3, "a", environment="live-us", group_id="g"),
    ]
    derived = derived_from([*steps, deployment("d", 2, "a")], line_of("a"))

    assert {row.id: row.role for row in derived.deployments} == {"d": "shipped", "s2": "redeploy"}


def test_a_rollback_by_name_to_what_runs_already_blames_nothing() -> None:
    again = deployment("again", 3, artifact="v2", kind="rollback")
    derived = derived_from([*chain("v1", "v2"), again])

    assert failed(rows_by_id(derived)["again"]) == ("d2", None, None)


def test_going_forward_again_is_a_redeploy() -> None:
    derived = derived_from(chain("v1", "v2", "v1", "v2", apart=HOUR))
    assert roles(derived) == ["shipped", "shipped", "rollback", "redeploy"]
    assert failed(rows_by_id(derived)["d3"]) == ("d1", "d2", "d2")


def test_a_second_rollback_blames_only_what_shipped_after_the_first() -> None:
    derived = derived_from(chain("v1", "v2", "v1", "v3", "v1"))
    assert failed(rows_by_id(derived)["d5"]) == ("d3", "d4", "d4")


def test_a_rollback_of_what_only_ran_again_names_it() -> None:
    derived = derived_from(chain("v1", "v2", "v1", "v2", "v1"))
    assert failed(rows_by_id(derived)["d5"]) == ("d3", "d4", "d4")


def test_failed_deployments_older_than_the_failure_window_are_not_blamed_first() -> None:
    deployments = [
        deployment("d1", 0, artifact="v1"),
        deployment("d2", 2, artifact="v2"),
        deployment("d3", 8, artifact="v3"),
        deployment("d4", 10, artifact="v1"),
    ]
    assert failed(rows_by_id(derived_from(deployments))["d4"]) == ("d1", "d3", "d3")
    patient = Rules(failure_window=timedelta(days=8))
    assert failed(rows_by_id(derived_from(deployments, rules=patient))["d4"]) == ("d1", "d2", "d3")


def test_where_all_are_older_than_the_failure_window_the_last_is_blamed() -> None:
    deployments = [*chain("v1", "v2", "v3"), deployment("late", 90, artifact="v1")]
    assert failed(rows_by_id(derived_from(deployments))["late"]) == ("d1", "d3", "d3")


def test_an_older_commit_that_never_ran_is_a_rollback_of_what_came_after_it() -> None:
    deployments = [
        deployment("d1", 1, "a"),
        deployment("d3", 3, "c"),
        deployment("d4", 4, "d"),
        deployment("b", 5, "b"),
    ]
    derived = derived_from(deployments, line_of("a", "b", "c", "d"))
    assert roles(derived) == ["shipped", "shipped", "shipped", "rollback"]
    assert failed(rows_by_id(derived)["b"]) == (None, "d3", "d4")


def test_ancestry_outweighs_the_order_of_running() -> None:
    deployments = [deployment("new", 1, "b"), deployment("old", 2, "a"), deployment("again", 3, "b")]
    assert roles(derived_from(deployments, line_of("a", "b"))) == ["shipped", "rollback", "redeploy"]


def test_a_branch_beside_the_running_one_is_shipped() -> None:
    graph = graph_of({"root": [], "left": ["root"], "right": ["root"]})
    deployments = [deployment("d1", 1, "left"), deployment("d2", 2, "right"), deployment("d3", 3, "left")]
    assert roles(derived_from(deployments, graph)) == ["shipped", "shipped", "rollback"]


def test_the_artifact_decides_where_both_carry_one() -> None:
    deployments = [
        deployment("d1", 1, "a", artifact="build-1"),
        deployment("d2", 2, "a", artifact="build-2"),
        deployment("d3", 3, "a"),
    ]
    assert roles(derived_from(deployments)) == ["shipped", "shipped", "redeploy"]


def test_a_deployment_of_an_unknown_version_is_shipped() -> None:
    assert roles(derived_from([deployment("d1", 1), deployment("d2", 2)])) == ["shipped", "shipped"]


def test_a_stated_rollback_without_a_known_target_blames_what_ran_before_it() -> None:
    deployments = [*chain("v1", "v2"), deployment("back", 3, artifact="v0", kind="rollback")]
    assert failed(rows_by_id(derived_from(deployments))["back"]) == (None, "d2", "d2")


def test_a_stated_rollback_before_everything_blames_nothing() -> None:
    derived = derived_from([deployment("back", 1, artifact="v0", kind="rollback"), *chain("v1", apart=2)])
    assert roles(derived) == ["rollback", "shipped"]
    assert failed(rows_by_id(derived)["back"]) == (None, None, None)
    assert [row.is_first for row in derived.deployments] == [False, True]


def test_a_stated_kind_wins_over_what_the_chain_says() -> None:
    deployments = [
        *chain("v1", "v2"),
        deployment("config", 3, artifact="v1", kind="config"),
        deployment("flag", 4, kind="flag"),
        deployment("again", 5, artifact="v1", kind="redeploy"),
    ]
    assert roles(derived_from(deployments))[2:] == ["config", "flag", "redeploy"]


def test_failed_and_cancelled_attempts_leave_what_runs() -> None:
    deployments = [
        *chain("v1"),
        deployment("failure", 2, artifact="v2", status="failure"),
        deployment("cancelled", 3, artifact="v2", status="cancelled"),
        deployment("running", 4, artifact="v2", status="running"),
        deployment("again", 5, artifact="v1"),
    ]
    derived = derived_from(deployments)
    assert {row.id: (row.role, row.rule) for row in derived.deployments} == {
        "d1": ("shipped", None),
        "failure": ("failed_attempt", "E6"),
        "cancelled": ("cancelled", "E6"),
        "running": ("unfinished", "E24"),
        "again": ("redeploy", "E7"),
    }
    assert rows_by_id(derived)["running"].finished_at is None


def test_a_push_to_five_services_with_one_retry_ships_five_times() -> None:
    names = ["a", "b", "c", "d", "e"]
    attempts = {name: [deployment(name, 1, "sha")] for name in names}
    attempts["c"] = [deployment("c-1", 1, "sha", status="failure"), deployment("c-2", 1 + 10 / 1440, "sha")]
    found = [role for name in names for role in roles(derived_from(attempts[name]))]
    assert sorted(found) == ["failed_attempt", *["shipped"] * 5]


def test_each_environment_has_its_own_chain() -> None:
    deployments = [
        deployment("eu-1", 1, artifact="v1", environment="eu", tier="production"),
        deployment("us-1", 30, artifact="v2", environment="us", tier="production"),
        deployment("eu-2", 60, artifact="v3", environment="eu", tier="production"),
        deployment("us-back", 90, artifact="v1", environment="us", tier="production"),
        deployment("eu-back", 91, artifact="v1", environment="eu", tier="production"),
    ]
    derived = derived_from(deployments)
    assert roles(derived) == ["shipped", "shipped", "shipped", "redeploy", "rollback"]
    assert failed(rows_by_id(derived)["eu-back"]) == ("eu-1", "eu-2", "eu-2")


def test_a_release_tag_is_never_a_rollback() -> None:
    tags = {"v2": "b", "v1": "a", "v2-again": "b"}
    deployments = [
        deployment(tag, day, sha, artifact=tag, inferred_from="annotated_tag")
        for day, (tag, sha) in enumerate(tags.items())
    ]
    assert roles(derived_from(deployments, line_of("a", "b"))) == ["shipped", "shipped", "redeploy"]
