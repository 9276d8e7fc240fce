"""Tables that a phone can show: where columns do not fit beside each other, each row is a card with their names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import streamlit as st

from dashboards.health_words import literal

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


LISTED = 50
"""Rows above which a list scrolls in itself, and is no card each."""


def table(rows: Sequence[Mapping[str, str]], key: str, alt: str) -> None:
    """Draw rows of Markdown; ``key`` is the table's own on its page. A column with nothing in it is left out."""
    rows = _told(rows)
    with st.container(key=key, gap=None):
        cards = f"{STACKED.format(key=key)} {_labels(list(rows[0]), key)} {_nothing(rows, key)}"
        st.html(f"<style>{NARROW} {{ {cards} }}</style>")
        st.table(rows, hide_index=True, border="horizontal", alt=alt)


def _told(rows: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    names = [name for name in rows[0] if any(row[name] for row in rows)]
    return [{name: row[name] for name in names} for row in rows]


def _labels(columns: Sequence[str], key: str) -> str:
    """The name of each column before its cells; that of the first is clear without."""
    named = [
        f".st-key-{key} td:nth-child({number})::before {{ content: {json.dumps(f'{name}: ')}; opacity: 0.65; "
        "font-weight: 600; float: inline-start; margin-inline-end: 0.375em; }"
        for number, name in enumerate(columns[1:], start=2)
    ]
    return "\n".join([f".st-key-{key} td:first-child {{ font-weight: 600; }}", *named])


def _nothing(rows: Sequence[Mapping[str, str]], key: str) -> str:
    """No card names a column that it has nothing in."""
    empty = [
        f".st-key-{key} tbody tr:nth-child({row}) td:nth-child({column})"
        for row, cells in enumerate(rows, start=1)
        for column, cell in enumerate(cells.values(), start=1)
        if not cell
    ]
    return f"{', '.join(empty)} {{ display: none; }}" if empty else ""


def listing(rows: Sequence[Mapping[str, str]], key: str, alt: str) -> None:
    """Draw rows of plain text as a table, or where they are many, as a list to scroll and to search."""
    if len(rows) <= LISTED:
        table([{name: literal(cell) for name, cell in row.items()} for row in rows], key, alt)
    else:
        st.dataframe(_told(rows), hide_index=True, alt=alt)
