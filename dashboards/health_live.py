"""What is being collected at this moment, drawn anew every two seconds as long as something is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards.health_words import counted, literal
from metrics.wording import duration_text

if TYPE_CHECKING:
    from datetime import datetime

    from dashboards.data import DataSource
    from dashboards.health import Keeper
    from dashboards.health_sources import Collection

EVERY_SECONDS = 2.0
SEEN = "collections seen"
LONG_WAIT = 5.0
"""Seconds from which on a wait is for a limit: shorter ones only let a server that stumbled come back."""


def draw(reader: DataSource, keeper: Keeper) -> None:
    """Draw the collections that go on; the rest of the page is left alone meanwhile, and no store is asked."""
    if keeper.collections():
        st.fragment(_collections, run_every=EVERY_SECONDS)(reader, keeper)


def _collections(reader: DataSource, keeper: Keeper) -> None:
    going = keeper.collections()
    before, now = st.session_state.get(SEEN, frozenset()), frozenset(each.source for each in going)
    st.session_state[SEEN] = now
    if before - now or not going:
        st.rerun()  # the whole page: what has been collected stands in its tables now
    with st.container(border=True, key="live"):
        for each in going:
            st.markdown(f":material/sync: {headline(each, reader.now())}  \n{details(each)}")
            if each.expected:
                st.progress(min(each.events / each.expected, 1.0))
            if wait := waiting(each, reader.now()):
                st.warning(wait, icon=":material/hourglass_top:")


def headline(collection: Collection, now: datetime) -> str:
    """Name the source, and since when it is being collected."""
    seconds = max((now - collection.since).total_seconds(), 0.0)
    since = f"since {collection.since:%H:%M:%S} UTC ({duration_text(seconds)})"
    return f"**{literal(collection.source)}** is being collected {since}"


def details(collection: Collection) -> str:
    """Tell what landed, what it cost, what is left, and which part it is at."""
    expected = f" of {collection.expected:,}" if collection.expected else ""
    said = [f"{collection.events:,}{expected} events", counted(collection.requests, "request")]
    if collection.quota_left is not None:
        anew = f" until {collection.quota_resets_at:%H:%M} UTC" if collection.quota_resets_at else ""
        said.append(f"{collection.quota_left:,} more allowed{anew}")
    last = f", the last {literal(collection.part)}" if collection.part else ""
    if collection.parts_known is not None:
        said.append(f"{collection.parts:,} of {counted(collection.parts_known, 'part')}{last}")
    elif last:
        said.append(f"{counted(collection.parts, 'part')} so far{last}")
    return " · ".join(said)


def waiting(collection: Collection, now: datetime) -> str | None:
    """Say until when the server allows no request; None while it does."""
    until = collection.waiting_until
    if until is None or (until - now).total_seconds() < LONG_WAIT:
        return None
    left = duration_text((until - now).total_seconds())
    return f"Its server allows no request until {until:%d %b %H:%M:%S} UTC, in {left}. The other sources go on."
