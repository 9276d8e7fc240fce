"""My team's week: the last whole week of one team beside what its weeks usually are, and what waits for it now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import filters, frame, waiting
from dashboards.answers import shown
from metrics import CATALOGUE
from metrics.moves import LEAST_BEFORE, move
from metrics.wording import unit_of, value_text
from tribometer.clock import utc_midnight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.data import DataSource
    from metrics.result import MetricResult

WEEKS = 27
SOUND = frozenset({"ok", "too_few"})
METRICS = (
    "deployment_frequency",
    "change_lead_time",
    "pr_cycle_time",
    "review_response_time",
    "unreviewed_share",
    "ci_time_to_feedback",
    "ci_success_rate",
    "ci_flake_rate",
    "default_branch_breakage",
)
SIGNS = {
    "usual": ":gray[as usual]",
    "better": ":green[:material/thumb_up: better than usual]",
    "worse": ":red[:material/thumb_down: worse than usual]",
    "moved": ":material/swap_vert: other than usual",
}


def render(reader: DataSource) -> None:
    """Draw the page for one reader."""
    frame.heading(reader, "My team's week", "How was our week, beside our usual ones, and what waits for us?")
    if not reader.sources():
        frame.nothing_yet()
        return
    if not reader.teams():
        st.info(
            "No team is known yet: a catalog says which services are whose (`[catalog] file`, Backstage, or `team` and "
            "`ownership` events). Until then the other pages tell of everything together.",
            icon=":material/groups:",
        )
        return
    with st.container(horizontal=True, key="filters"):
        service, team = filters.scope(reader)
    chosen = filters.opening(reader, "90 days", service, team)
    monday = utc_midnight(reader.now()) - timedelta(days=reader.now().weekday())
    last = monday - timedelta(days=7)
    st.markdown(f"**{chosen.of}**, the week of {last:%d %b} to {monday - timedelta(days=1):%d %b %Y}")
    if not (service or team):
        st.info(
            "Choose your team above: the page keeps it in its address, so a bookmark opens on it.",
            icon=":material/group:",
        )
    weeks = replace(chosen, start=monday - timedelta(weeks=WEEKS), end=monday)
    found = [reader.compute(weeks.query(name, by="week")) for name in shown(METRICS)]
    _week(found)
    waiting.draw(
        reader,
        chosen,
        "review_response_time",
        "Waiting for a review",
        "No change of these 90 days waits for a first review.",
    )
    waiting.draw(
        reader,
        chosen,
        "provisioning_wait",
        "Asked of the platform and not there yet",
        "Nothing that was asked for is open.",
    )
    frame.provenance(reader)


def _week(found: Sequence[MetricResult]) -> None:
    rows = [_row(each) for each in found]
    told = [row for row in rows if row is not None]
    if not told:
        st.info("Nothing of the last week can be told yet.", icon=":material/inbox:")
        return
    lines = ["| Number | Last week | Usual range | n | Beside the usual |", "|---|---|---|---|---|"]
    lines += [
        f"| {row['title']} | **{row['value']}** | {row['usual']} | {row['n']} | {SIGNS[row['sign']]} |" for row in told
    ]
    st.markdown("\n".join(lines))
    st.caption(
        f"Usual is what the {WEEKS - 1} weeks before varied by (process behaviour limits, from {LEAST_BEFORE} weeks "
        "on). A week outside of it is worth a look; most weeks inside of it are not."
    )
    unseen = [CATALOGUE[each.metric].title for each in found if _last(each) is None]
    if unseen:
        st.caption(f"Nothing to tell last week: {', '.join(unseen)}.")


def _last(result: MetricResult) -> MetricResult | None:
    """The last whole week of a series, where it has a value."""
    week = result.series[-1] if result.series else None
    return week if week is not None and week.value is not None and week.status in SOUND else None


def _row(result: MetricResult) -> dict[str, Any] | None:
    week = _last(result)
    if week is None:
        return None
    values = [each.value if each.status in SOUND else None for each in result.series]
    found, unit = move(values, result.unit), unit_of(result)
    usual = f"{value_text(unit, found.low)} to {value_text(unit, found.high)}" if found else "too few weeks"
    sign = "usual"
    if found is not None and found.is_signal:
        direction = "higher" if found.away > 0 else "lower"
        sign = "moved" if result.better == "neither" else "better" if direction == result.better else "worse"
    return {
        "title": CATALOGUE[result.metric].title,
        "value": value_text(unit, week.value),
        "usual": usual,
        "n": f"{week.n:,}" if week.n is not None else "",
        "sign": sign,
    }
