from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derivation import DERIVED_TABLES
from tribometer.events import parse_event
from tribometer.store import EventStore

PARENTS = {"a": [], "b": ["a"], "side": ["a"], "c": ["b", "side"], "d": ["c"]}
TIME = "2026-01-01T00:00:00Z"


def commit(sha: str) -> dict[str, Any]:
    return {
        "type": "commit",
        "source": "git:web",
        "id": sha,
        "repository": "web",
        "sha": sha,
        "parents": PARENTS[sha],
        "authored_at": TIME,
        "committed_at": TIME,
    }


def deployed(name: str, day: int, sha: str, **fields: Any) -> dict[str, Any]:
    plain = {"type": "deployment", "source": "ci", "service": "web", "environment": "production", "status": "success"}
    return {**plain, "id": name, "sha": sha, "finished_at": f"2026-02-{day:02}T00:00:00Z", **fields}


EVENTS = [
    *(commit(sha) for sha in PARENTS),
    deployed("d1", 1, "a"),
    deployed("d2", 2, "b"),
    deployed("d3", 3, "d"),
    deployed("d4", 4, "b"),
    deployed("d5", 5, "gone", status="failure"),
    deployed("d6", 6, "d"),
    deployed("t1", 2, "side", inferred_from="annotated_tag"),
    {"type": "service", "source": "catalog", "id": "web", "name": "web", "repository": "web"},
]


def tables_after(folder: Path, batches: list[list[dict[str, Any]]]) -> dict[str, list[tuple[Any, ...]]]:
    with EventStore.open(folder) as store:
        for batch in batches:
            store.land([parse_event(each) for each in batch])
            store.refresh()
        with store.reader() as reader:
            return {name: reader.rows(f"FROM {name} ORDER BY ALL") for name in DERIVED_TABLES}


def test_landed_events_are_derived(tmp_path: Path) -> None:
    tables = tables_after(tmp_path, [EVENTS])
    assert {(sha, name) for _, _, name, _, sha in tables["shipped_commits"]} == {
        ("a", "d1"),
        ("b", "d2"),
        ("side", "d3"),
        ("c", "d3"),
        ("d", "d3"),
    }
    assert tables["missing_commits"] == [("web", "gone")]


@settings(max_examples=6)
@given(order=st.permutations(EVENTS), size=st.integers(1, 6))
def test_events_landed_in_any_order_are_derived_alike(
    tmp_path_factory: pytest.TempPathFactory,
    order: list[dict[str, Any]],
    size: int,
) -> None:
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    found = tables_after(tmp_path_factory.mktemp("pieces"), batches)
    assert found == tables_after(tmp_path_factory.mktemp("whole"), [EVENTS])
