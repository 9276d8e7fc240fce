"""The rejected events on the Data health page: why, which, and what may be done with them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from dashboards.health_tables import listing
from dashboards.health_words import counted, reason_row, rejected_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.health import RejectedHealth, RejectedLine
    from dashboards.health_actions import Actions

LISTED = 200
EVERY = "All reasons"


def draw(rejected: RejectedHealth, actions: Actions) -> None:
    """Draw the section."""
    st.header("Rejected events", anchor=False)
    if not rejected.count:
        st.success("Every event that was collected, sent or imported has landed.", icon=":material/check:")
        return
    listing([reason_row(each) for each in rejected.reasons], "reasons", "Why events were rejected")
    reason = _reason(rejected)
    shown = actions.keeper.rejected(reason, LISTED)
    chosen = _table(shown)
    _acting(_meant(rejected, reason, shown, chosen), actions)
    st.caption(
        "An event that cannot land is kept, with the people in it under their pseudonyms. What a file of a source says "
        "wrong, correct there and collect again. What was sent, or after an update of Tribometer, send again; select "
        "rows to act on those alone. In a terminal: `tribometer collect`, `tribometer import --resend`, "
        "`tribometer import --discard NUMBER`."
    )


def _reason(rejected: RejectedHealth) -> str | None:
    counts = {each.reason: each.count for each in rejected.reasons}
    chosen = st.selectbox(
        "Reason",
        [EVERY, *counts],
        format_func=lambda reason: f"{reason} ({counts.get(reason, rejected.count):,})",
        key="reason",
    )
    return None if chosen == EVERY else chosen


def _table(shown: Sequence[RejectedLine]) -> list[int]:
    """Draw the events; return the numbers of those that are selected."""
    picked = st.dataframe(
        [rejected_row(each) for each in shown],
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        # what was selected by its place must not select another event once one is gone
        key=f"rejected-{hash(tuple(each.number for each in shown))}",
        column_config={
            "Reason": st.column_config.TextColumn(width="large"),
            "Rejected": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm", timezone="UTC"),
        },
        alt="Rejected events",
    )
    return [shown[row].number for row in picked["selection"]["rows"] if row < len(shown)]


def _meant(
    rejected: RejectedHealth, reason: str | None, shown: Sequence[RejectedLine], chosen: Sequence[int]
) -> tuple[Sequence[int] | None, int]:
    """Which events the buttons are about, None for all, and how many they are."""
    if chosen:
        return chosen, len(chosen)
    if reason is None:
        return None, rejected.count
    return [each.number for each in shown], len(shown)


def _acting(meant: tuple[Sequence[int] | None, int], actions: Actions) -> None:
    numbers, count = meant
    words = counted(count, "event")
    with st.container(horizontal=True):
        actions.button(f"Send {words} again", "resend", partial(actions.keeper.resend, numbers), ":material/refresh:")
        with st.popover(f"Drop {words} …", disabled=actions.forbidden is not None):
            st.write(f"{words.capitalize()} will be gone for good: nothing can bring what is dropped back.")
            actions.button(f"Drop {words} for good", "discard", partial(actions.keeper.discard, numbers))
