"""Tables that a phone can show: where columns do not fit beside each other, each row is a card with their names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NARROW = "@media (max-width: 640px)"
STACKED = """
.st-key-{key} thead {{ display: none; }}
.st-key-{key} :is(table, tbody, tr, td) {{ display: block; width: 100% !important; box-sizing: border-box; }}
.st-key-{key} tr {{ padding: 0.5rem 0; }}
.st-key-{key} td {{ border: none !important; padding: 0.125rem 0 !important; white-space: normal; \
overflow-wrap: anywhere; text-align: start !important; }}
.st-key-{key} td > * {{ white-space: normal; overflow-wrap: anywhere; }}
"""


def table(rows: Sequence[Mapping[str, str]], key: str, alt: str) -> None:
    """Draw rows of Markdown; ``key`` is the table's own on its page."""
    with st.container(key=key, gap=None):
        st.html(f"<style>{NARROW} {{ {STACKED.format(key=key)} {_labels(list(rows[0]), key)} }}</style>")
        st.table(rows, hide_index=True, border="horizontal", alt=alt)


def _labels(columns: Sequence[str], key: str) -> str:
    """The name of each column before its cells; that of the first is clear without."""
    named = [
        f".st-key-{key} td:nth-child({number})::before {{ content: {json.dumps(f'{name}: ')}; opacity: 0.65; "
        "font-weight: 600; float: inline-start; margin-inline-end: 0.375em; }"
        for number, name in enumerate(columns[1:], start=2)
    ]
    return "\n".join([f".st-key-{key} td:first-child {{ font-weight: 600; }}", *named])
