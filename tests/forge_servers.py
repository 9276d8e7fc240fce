"""What the made-up forges and the tests of their collectors share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from ci_servers import NOON

MORNING = NOON - timedelta(hours=12)


def sha(number: int) -> str:
    """The name of a numbered commit."""
    return f"{number:040x}"


def carried(found: list[dict[str, Any]], kind: str, *names: str) -> dict[str, Any]:
    """Fields of the events of one type, by their ids."""
    return {
        each["id"]: tuple(each.get(name) for name in names) if len(names) > 1 else each.get(names[0])
        for each in found
        if each["type"] == kind
    }


def odd_objects(*keys: str) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with keys that a forge's have, and with anything that JSON can hold in them."""
    key = st.sampled_from(keys)
    odd = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(key, inner, max_size=6),
        max_leaves=12,
    )
    return st.dictionaries(key, odd, max_size=10)
