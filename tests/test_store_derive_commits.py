from collections.abc import Sequence
from random import Random

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from derivation import deployment, derived_from, graph_of, line_of, rows_by_id, shipped_by
from tribometer.store.derive_commits import Walk, commit_graph

CRISS_CROSS = {
    "root": [],
    "l1": ["root"],
    "r1": ["root"],
    "l2": ["l1", "r1"],
    "r2": ["r1", "l1"],
    "tip": ["l2", "r2"],
}


@st.composite
def histories(draw: st.DrawFn) -> dict[str, list[str]]:
    """Draw commits whose parents come before them; some parents are unknown."""
    shas = [f"c{n}" for n in range(draw(st.integers(1, 14)))]
    parents: dict[str, list[str]] = {}
    for number, sha in enumerate(shas):
        known = draw(st.lists(st.sampled_from(shas[:number]), max_size=3, unique=True)) if number else []
        lost = draw(st.sampled_from([[], [], [], [], ["lost-1"], ["lost-2"]]))
        parents[sha] = known + lost
    return dict(draw(st.permutations(list(parents.items()))))


def ancestors(parents: dict[str, list[str]], sha: str) -> set[str]:
    """Give a commit and all behind it, unknown ones included: the plain way."""
    return {sha}.union(*(ancestors(parents, parent) for parent in parents.get(sha, ())))


heads_of = st.lists(st.sampled_from([*(f"c{n}" for n in range(14)), "gone", None]), max_size=8)


@given(histories(), heads_of)
def test_the_walk_gives_each_head_what_no_earlier_head_reaches(
    parents: dict[str, list[str]],
    heads: Sequence[str | None],
) -> None:
    graph = graph_of(parents)
    walk = Walk(graph, heads)
    before: set[str] = set()
    for head, reached, missing in zip(heads, walk.reached, walk.missing, strict=True):
        behind = ancestors(parents, head) if head is not None else set()
        new = (behind & parents.keys()) - before
        assert {graph.shas[number] for number in reached} == new
        assert len(reached) == len(new)
        needed = {parent for sha in new for parent in parents[sha]} | ({head} - {None})
        assert missing == needed - parents.keys()
        before |= new


@given(histories(), heads_of)
def test_a_head_is_an_ancestor_when_a_path_leads_to_it(
    parents: dict[str, list[str]],
    heads: Sequence[str | None],
) -> None:
    walk = Walk(graph_of(parents), heads)
    for old in heads:
        for new in heads:
            known = old in parents and new in parents
            expected = old != new and old in ancestors(parents, new or "") if known else None
            assert walk.is_ancestor(old, new) is expected


@given(histories(), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 13)), max_size=9))
def test_no_commit_is_shipped_twice(parents: dict[str, list[str]], drawn: list[tuple[int, int]]) -> None:
    deployments = [deployment(f"d{n}", day, f"c{number}") for n, (day, number) in enumerate(drawn)]
    derived = derived_from(deployments, graph_of(parents))
    shas = [commit.sha for commit in derived.shipped]
    assert len(shas) == len(set(shas))
    reachable = set().union(*(ancestors(parents, f"c{number}") for _, number in drawn)) & parents.keys()
    assert set(shas) == reachable


def test_a_criss_cross_history_is_shared_out_by_order_of_deployment() -> None:
    deployments = [deployment("d1", 1, "l2"), deployment("d2", 2, "r2"), deployment("d3", 3, "tip")]
    assert shipped_by(derived_from(deployments, graph_of(CRISS_CROSS))) == {
        "d1": {"root", "l1", "r1", "l2"},
        "d2": {"r2"},
        "d3": {"tip"},
    }


def test_an_incomplete_history_is_told_of() -> None:
    graph = graph_of({"b": ["lost"], "c": ["b"], "d": ["c"]})
    deployments = [
        deployment("d1", 1, "b"),
        deployment("d2", 2, "c"),
        deployment("d3", 3, "gone"),
        deployment("d4", 4, "d"),
    ]
    derived = derived_from(deployments, graph)
    rows = rows_by_id(derived)
    assert {name: (row.commits_known, row.history_cut, row.commit_count) for name, row in rows.items()} == {
        "d1": (True, False, 1),
        "d2": (True, False, 1),
        "d3": (False, False, None),
        "d4": (False, False, 1),
    }
    assert rows["d3"].repository is None
    assert derived.missing == {"lost", "gone"}


def cut_rows(parents: dict[str, list[str]], cut: Sequence[str], *heads: str) -> dict[str, bool]:
    """Whether cut histories leave open what was shipped, by head; deployed one a day."""
    deployments = [deployment(head, day, head) for day, head in enumerate(heads)]
    return {row.id: row.history_cut for row in derived_from(deployments, graph_of(parents, cut=cut)).deployments}


def test_what_a_deployment_shipped_is_open_where_its_walk_comes_to_a_cut() -> None:
    parents = {"b": ["behind"], "c": ["b"], "d": ["c"]}
    assert cut_rows(parents, ["b"], "b", "c", "d") == {"b": True, "c": False, "d": False}


def test_a_cut_is_none_where_the_parents_came_from_elsewhere() -> None:
    parents: dict[str, list[str]] = {"behind": [], "b": ["behind"], "c": ["b"]}
    assert cut_rows(parents, ["b"], "b", "c") == {"b": False, "c": False}


def test_a_parent_that_nobody_collected_is_no_cut() -> None:
    assert cut_rows({"b": ["elsewhere"], "c": ["b"]}, [], "b", "c") == {"b": False, "c": False}


def test_a_late_merge_of_what_may_lie_behind_an_earlier_cut_is_open_too() -> None:
    parents = {"root": [], "old": ["root"], "new": ["hidden"], "fix": ["new"], "merge": ["fix", "old"]}
    assert cut_rows(parents, ["new"], "root", "new", "fix", "merge") == {
        "root": False,
        "new": True,
        "fix": False,
        "merge": True,
    }


@settings(max_examples=300)
@given(st.integers(0, 2**32).map(Random))
def test_in_a_cut_history_what_is_not_called_open_is_what_the_whole_history_says(dice: Random) -> None:
    whole: dict[str, list[str]] = {}
    for number in range(dice.randint(4, 14)):
        newest = list(whole)[-5:]
        whole[f"c{number}"] = dice.sample(newest, min(len(newest), dice.choice((1, 1, 1, 2, 2, 0))))
    there = {sha: behind for sha, behind in whole.items() if dice.random() < 0.8}
    cut = [sha for sha, behind in there.items() if not there.keys() >= set(behind)]
    heads = dice.choices([*there, "c0"], k=dice.randint(2, 7))
    deployments = [deployment(f"d{day}", day, head) for day, head in enumerate(heads) if head in there]
    expected = shipped_by(derived_from(deployments, graph_of(whole)))
    found = derived_from(deployments, graph_of(there, cut=cut))
    sure = [row.id for row in found.deployments if not row.history_cut]
    assert {name: shipped_by(found)[name] for name in sure} == {name: expected[name] for name in sure}


def test_a_failed_attempt_waits_for_its_commit_too() -> None:
    assert derived_from([deployment("d1", 1, "gone", status="failure")], line_of("a")).missing == {"gone"}


def test_commits_that_only_a_rollback_reaches_stay_with_it() -> None:
    graph = graph_of({"a": [], "b": ["a"], "side": ["a"], "merge": ["b", "side"]})
    deployments = [
        deployment("d1", 1, "b"),
        deployment("back", 2, "side", kind="rollback"),
        deployment("d2", 3, "merge"),
    ]
    assert shipped_by(derived_from(deployments, graph)) == {"d1": {"a", "b"}, "back": {"side"}, "d2": {"merge"}}


def test_paths_choose_what_is_shipped_and_not_where_the_walk_goes() -> None:
    graph = graph_of({"a": [], "b": ["a"], "c": ["b"]}, touching=["a", "c"])
    deployments = [deployment("d1", 1, "b"), deployment("d2", 2, "c")]
    assert shipped_by(derived_from(deployments, graph, paths=("web/",))) == {"d1": {"a"}, "d2": {"c"}}


def test_a_commit_told_of_twice_has_the_parents_of_both_and_the_first_repository() -> None:
    rows = [("web", "b", []), ("fork", "b", ["a"]), ("fork", "a", [])]
    graph = commit_graph(
        pa.table(
            {
                "repository": [repository for repository, _, _ in rows],
                "sha": [sha for _, sha, _ in rows],
                "parents": pa.array([parents for _, _, parents in rows], pa.list_(pa.string())),
                "history_cut": pa.array([None] * len(rows), pa.bool_()),
                "committed_at": pa.array([None] * len(rows), pa.timestamp("us")),
            },
        ),
    )
    assert graph.repository("b") == "web"
    assert [graph.shas[number] for number in Walk(graph, ["b"]).reached[0]] == ["b", "a"]


def test_a_history_of_many_thousand_commits_needs_no_recursion() -> None:
    shas = [f"c{n}" for n in range(20_000)]
    derived = derived_from([deployment("d1", 1, shas[-1])], line_of(*shas))
    assert derived.deployments[0].commit_count == 20_000
