from collections.abc import Iterator

import duckdb
import pytest

from derivation import (
    DERIVED_TABLES,
    RULES,
    bare_store,
    deployment,
    derived_tables,
    mark,
    put,
    put_commits,
    put_deployment,
)
from tribometer.settings import Rules
from tribometer.store.derive_model import DeploymentRow, Derived
from tribometer.store.shipped import refresh
from tribometer.store.shipped_inputs import path_pattern, read_scope
from tribometer.store.shipped_tail import derive_tail

LINE = {"a": [], "b": ["a"], "c": ["b"], "d": ["c"]}


@pytest.fixture
def store() -> Iterator[duckdb.DuckDBPyConnection]:
    with bare_store() as connection:
        yield connection


def refreshed(store: duckdb.DuckDBPyConnection, *services: str, rebuild: bool = True, rules: Rules = RULES) -> None:
    for service in services or ("web",):
        mark(store, service, rebuild=rebuild)
    refresh(store, rules)


def shipped(store: duckdb.DuckDBPyConnection, service: str = "web") -> dict[str, str]:
    rows = store.execute("SELECT sha, deployment_id FROM shipped_commits WHERE service = ?", [service]).fetchall()
    return dict(rows)


def roles(store: duckdb.DuckDBPyConnection, service: str = "web") -> dict[str, str]:
    rows = store.execute("SELECT id, role FROM production_deployments WHERE service = ?", [service]).fetchall()
    return dict(rows)


def tail(store: duckdb.DuckDBPyConnection, service: str = "web") -> Derived | None:
    return derive_tail(store, read_scope(store, service), RULES)


def test_a_refresh_derives_what_is_stale_and_takes_the_mark_away(store: duckdb.DuckDBPyConnection) -> None:
    put_commits(store, LINE)
    put_deployment(store, deployment("d1", 1, "b"))
    put_deployment(store, deployment("x1", 1, "b"), service="other")
    refreshed(store, "web")
    assert shipped(store) == {"a": "d1", "b": "d1"}
    assert shipped(store, "other") == {}
    assert store.execute("FROM stale_services").fetchall() == []


def test_behind_a_cut_history_nothing_is_added_without_a_look_at_what_was(store: duckdb.DuckDBPyConnection) -> None:
    put_commits(store, {"b": ["hidden"]}, history_cut=True)
    put_deployment(store, deployment("d1", 1, "b"))
    refreshed(store)
    assert tail(store) is None
    put_commits(store, {"hidden": []})
    refreshed(store)
    assert tail(store) is not None


def test_a_cut_history_is_told_of_where_only_deployments_were_added(store: duckdb.DuckDBPyConnection) -> None:
    put_commits(store, {"a": []})
    put_deployment(store, deployment("d1", 1, "a"))
    refreshed(store)
    put_commits(store, {"c": ["hidden"]}, history_cut=True)
    put_deployment(store, deployment("d2", 2, "c"))
    refreshed(store, rebuild=False)
    cuts = store.execute("SELECT id, history_cut FROM production_deployments").fetchall()
    assert dict(cuts) == {"d1": False, "d2": True}


def test_a_deployment_that_no_longer_is_leaves_no_rows(store: duckdb.DuckDBPyConnection) -> None:
    put_commits(store, LINE)
    put_deployment(store, deployment("d1", 1, "gone"))
    refreshed(store)
    put_deployment(store, deployment("d1", 1, "b", environment="staging"))
    refreshed(store)
    assert derived_tables(store) == {name: [] for name in DERIVED_TABLES}


def test_newer_deployments_leave_earlier_rows_untouched(store: duckdb.DuckDBPyConnection) -> None:
    put_commits(store, LINE)
    put_deployment(store, deployment("d1", 1, "b"))
    refreshed(store)
    store.execute("UPDATE production_deployments SET path = 'golden'")
    put_deployment(store, deployment("d2", 2, "c"))
    put_deployment(store, deployment("d3", 3, "d", status="running"))
    refreshed(store, rebuild=False)
    assert store.execute("SELECT path FROM production_deployments WHERE id = 'd1'").fetchall() == [("golden",)]
    put_deployment(store, deployment("d3", 3, "d"))
    refreshed(store, rebuild=False)
    assert roles(store) == {"d1": "shipped", "d2": "shipped", "d3": "shipped"}
    assert shipped(store) == {"a": "d1", "b": "d1", "c": "d2", "d": "d3"}


@pytest.mark.parametrize(
    "added",
    [
        pytest.param(deployment("late", 0.5, "a"), id="earlier than what stands"),
        pytest.param(deployment("back", 5, "a"), id="going back to a commit that shipped"),
        pytest.param(deployment("back", 5, artifact="v1"), id="going back to an artifact that ran"),
        pytest.param(deployment("eu", 5, "d", environment="live-eu"), id="another environment"),
        pytest.param(deployment("step", 5, "d", group_id="g"), id="one more step of a group"),
    ],
)
def test_what_reaches_back_is_left_to_a_rebuild(store: duckdb.DuckDBPyConnection, added: DeploymentRow) -> None:
    put_commits(store, LINE)
    put_deployment(store, deployment("d1", 1, "b", artifact="v1", group_id="g"))
    put_deployment(store, deployment("d2", 2, "c", artifact="v2"))
    refreshed(store)
    put_deployment(store, deployment("plain", 3, "d", artifact="v3"))
    assert tail(store) is not None
    put_deployment(store, added)
    assert tail(store) is None


def test_a_first_explicit_deployment_puts_release_tags_aside(store: duckdb.DuckDBPyConnection) -> None:
    put_commits(store, LINE)
    put_deployment(store, deployment("t1", 1, "a", inferred_from="annotated_tag"))
    refreshed(store)
    assert roles(store) == {"t1": "shipped"}
    put_deployment(store, deployment("d1", 2, "b"))
    refreshed(store, rebuild=False)
    assert roles(store) == {"t1": "other_origin", "d1": "shipped"}
    assert shipped(store) == {"a": "d1", "b": "d1"}
    put_deployment(store, deployment("t2", 1.5, "b", inferred_from="lightweight_tag"))
    assert tail(store) is not None


def test_a_commit_that_lands_late_completes_what_waited_for_it(store: duckdb.DuckDBPyConnection) -> None:
    put_commits(store, {"b": ["a"]})
    put_deployment(store, deployment("d1", 1, "b"))
    put_deployment(store, deployment("d2", 2, "c"))
    refreshed(store)
    assert store.execute("SELECT sha FROM missing_commits ORDER BY sha").fetchall() == [("a",), ("c",)]
    put_commits(store, LINE)
    refreshed(store)
    assert store.execute("FROM missing_commits").fetchall() == []
    assert shipped(store) == {"a": "d1", "b": "d1", "c": "d2"}


def test_commits_are_found_in_any_repository_unless_the_catalog_names_one(store: duckdb.DuckDBPyConnection) -> None:
    put_commits(store, {"a": []}, repository="mono")
    put_commits(store, {"b": ["a"]}, repository="fork")
    put_deployment(store, deployment("d1", 1, "b"))
    refreshed(store)
    rows = store.execute("SELECT sha, repository FROM shipped_commits ORDER BY sha").fetchall()
    assert rows == [("a", "mono"), ("b", "fork")]
    put(store, "services", source="catalog", id="web", name="web", repository="fork")
    refreshed(store)
    assert shipped(store) == {"b": "d1"}


def test_the_home_repository_is_preferred_to_a_copy(store: duckdb.DuckDBPyConnection) -> None:
    put_commits(store, LINE, repository="a-fork")
    put_commits(store, LINE, repository="web")
    put_deployment(store, deployment("d1", 1, "b"))
    refreshed(store)
    assert store.execute("SELECT DISTINCT repository FROM shipped_commits").fetchall() == [("web",)]


def test_services_of_a_repository_take_its_releases(store: duckdb.DuckDBPyConnection) -> None:
    for name, paths in (("shop", ["shop/"]), ("docs", ["docs/*.md"])):
        put(store, "services", source="catalog", id=name, name=name, repository="mono", paths=paths)
    for sha, path in (("a", "shop/main.py"), ("b", "docs/guide/x.md"), ("c", "README")):
        changes = [{"path": path, "additions": 1, "deletions": 0}]
        put(
            store,
            "commits",
            source="g",
            id=sha,
            repository="mono",
            sha=sha,
            parents=LINE[sha],
            file_changes=changes,
        )
    for day, sha in enumerate("abc"):
        put_deployment(store, deployment(f"t{sha}", day, sha, inferred_from="annotated_tag"), service="mono")
    refreshed(store, "shop", "docs", "mono")
    assert roles(store, "shop") == {"ta": "shipped", "tb": "untouched", "tc": "untouched"}
    assert roles(store, "docs") == {"ta": "untouched", "tb": "shipped", "tc": "untouched"}
    assert roles(store, "mono") == {}
    assert (shipped(store, "shop"), shipped(store, "docs")) == ({"a": "ta"}, {"b": "tb"})


@pytest.mark.parametrize(
    ("patterns", "path", "expected"),
    [
        (("web/",), "web/a/b.py", True),
        (("web",), "web/a.py", True),
        (("web",), "webby/a.py", False),
        (("web/",), "other/web/a.py", False),
        (("Makefile",), "Makefile", True),
        (("libs/*.py",), "libs/a/b.py", True),
        (("libs/*.py",), "libs/a.pyc", False),
        (("a", "b"), "b/c", True),
        (("web+(1)/",), "web+(1)/x", True),
    ],
)
def test_a_path_is_a_folder_a_file_or_a_glob(patterns: tuple[str, ...], path: str, *, expected: bool) -> None:
    assert bool(path_pattern(patterns).match(path)) is expected


def test_a_failure_leaves_the_mark_and_the_rows_of_that_service(store: duckdb.DuckDBPyConnection) -> None:
    put_commits(store, LINE)
    put_deployment(store, deployment("d1", 1, "b"))
    refreshed(store)
    before = derived_tables(store)
    put_deployment(store, deployment("d2", 2, "c"))
    mark(store, "web", rebuild=False)
    store.execute("ALTER TABLE shipped_commits RENAME TO away")
    store.execute("CREATE VIEW shipped_commits AS FROM away")
    with pytest.raises(duckdb.Error):
        refresh(store, RULES)
    store.execute("DROP VIEW shipped_commits")
    store.execute("ALTER TABLE away RENAME TO shipped_commits")
    assert derived_tables(store) == before
    assert store.execute("SELECT service FROM stale_services").fetchall() == [("web",)]
