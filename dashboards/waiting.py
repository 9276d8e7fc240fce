"""What still waits: the units of a metric that are not over, the longest wait first."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import streamlit as st

from metrics.wording import duration_text

if TYPE_CHECKING:
    from dashboards.data import DataSource
    from dashboards.frame import Frame

MOST = 50


def draw(reader: DataSource, chosen: Frame, metric: str, title: str, nothing: str) -> None:
    """Draw what of a metric's units in the scope and window still waits; ``nothing`` is said where none does."""
    st.header(title, anchor=False)
    found = reader.still_open(chosen.query(metric), MOST)
    if not found.total:
        st.info(nothing, icon=":material/done_all:")
        return
    st.dataframe([_told(row, chosen.now) for row in found.oldest], hide_index=True, alt=title)
    more = f"; the {MOST} that wait longest are shown" if found.total > MOST else ""
    st.caption(f"{found.total:,} wait{more}. Asked for {chosen.words}, as of {chosen.now:%d %b %Y %H:%M} UTC.")


def _told(row: dict[str, Any], now: datetime) -> dict[str, str]:
    since = datetime.fromisoformat(str(row["at"]))
    evidence = row["evidence"]
    return {
        "What": str(evidence.get("change") or row["id"]).rpartition("/")[2] if evidence.get("change") else row["id"],
        "Kind": str(evidence.get("kind") or row["unit"]).replace("_", " "),
        "Of": row["service"] or row["team"] or "",
        "Since": f"{since:%Y-%m-%d %H:%M}",
        "Waiting": duration_text((now - since).total_seconds()),
    }
