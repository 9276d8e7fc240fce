"""Data health: can these numbers be trusted today, and what would make them better."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from dashboards import frame, health, health_environments, health_families, health_live, health_rejected
from dashboards.health_actions import actions_for, tell
from dashboards.health_tables import listing, table
from dashboards.health_words import (
    coverage_row,
    credential_row,
    literal,
    origin_row,
    place_rows,
    prose,
    version_rows,
)
from dashboards.unread import not_read_yet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dashboards.data import DataSource
    from dashboards.health import CoverageHealth, Finding, HealthReport, Keeper
    from dashboards.health_actions import Actions

LEVELS = {
    health.BROKEN: (":red[:material/error:]", "broken"),
    health.AWAY: (":orange[:material/cloud_off:]", "out of reach"),
    health.WAITING: (":blue[:material/hourglass_top:]", "under way or waiting"),
    health.NOTE: (":orange[:material/info:]", "worth a look"),
}


def page(reader: DataSource) -> None:
    """Draw the page for one reader and the service's keeper."""
    render(reader, health.keeper())


def ahead(_reader: DataSource) -> Iterator[object]:
    """Look at everything once, so that what it takes long to find is kept."""
    yield health.keeper().health()


def render(reader: DataSource, keeper: Keeper) -> None:
    """Draw the page."""
    frame.heading(reader, "Data health", "Can I trust these numbers today, and what would make them better?")
    tell()
    with st.spinner("Looking at everything …"):
        report = keeper.health()
    actions = actions_for(keeper)
    _findings(report, actions)
    _sources(reader, report, actions)
    health_rejected.draw(report.rejected, actions)
    health_environments.draw(report, actions)
    _coverage(report.coverage)
    _origins(reader, report)
    _places(report)
    st.caption(f"Looked at {report.checked_at:%d %b %Y %H:%M:%S} UTC. `tribometer doctor` says the same in a terminal.")


def _findings(report: HealthReport, actions: Actions) -> None:
    if not report.findings:
        st.success("Nothing to do: everything that is looked at here is in order.", icon=":material/check_circle:")
        return
    counts = [
        f"{sum(each.level == level for each in report.findings)} {words}"
        for level, (_, words) in LEVELS.items()
        if any(each.level == level for each in report.findings)
    ]
    patience = all(each.level == health.WAITING for each in report.findings)
    st.header(f"{'Nothing to do but wait' if patience else 'What to do'}: {', '.join(counts)}", anchor=False)
    urgency = list(LEVELS)
    with st.container(border=True):
        for each in sorted(report.findings, key=lambda found: urgency.index(found.level)):
            _finding(each, actions)


def _finding(found: Finding, actions: Actions) -> None:
    icon, _ = LEVELS[found.level]
    # the doctor says the same in a terminal, where this page is elsewhere
    do = found.do.replace(" on the Data health page", " below")
    st.markdown(f"{icon} {prose(found.what)}  \n{prose(do)}")
    if found.about == health.UNTRIED:
        actions.button("Try them now", "try", actions.keeper.check_credentials, ":material/key:")


def _sources(reader: DataSource, report: HealthReport, actions: Actions) -> None:
    st.header("Sources", anchor=False)
    if not report.sources:
        st.info(
            "No source yet. Start `tribometer up` inside a git clone, name sources in `tribometer.toml`, or send "
            "events with `tribometer import FILE` or `POST /api/v1/events`.",
            icon=":material/inbox:",
        )
        return
    health_live.draw(reader, actions.keeper)
    known = health_families.families(report.sources)
    table([each.row(report.checked_at) for each in known], "sources", "Sources")
    health_families.draw_parts(known)
    if scheduled := [each.source.name for each in known if each.source.every_seconds]:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            source = st.selectbox("Source to collect", scheduled, width=320)
            act = partial(actions.keeper.collect, source)
            actions.button("Collect now", "collect", act, ":material/sync:")
            st.button("Look again", key="again", icon=":material/visibility:")
            actions.button("Check credentials", "check", actions.keeper.check_credentials, ":material/key:")
    if rows := [credential_row(each) for each in report.credentials or ()]:
        table(rows, "credentials", "What each credential allows")


def _coverage(coverage: tuple[CoverageHealth, ...]) -> None:
    st.header("Coverage", anchor=False)
    st.caption(
        "What share of its population each metric could judge, over the 90 days before today. Below the share that is "
        "needed the number is hidden rather than wrong. What no source tells of stands here too."
    )
    rows = [coverage_row(each) for each in coverage]
    if rows:
        table(rows, "coverage", "Coverage of each metric")
    else:
        st.info("Every metric can be told.")


def _origins(reader: DataSource, report: HealthReport) -> None:
    st.header("What counts as a deployment", anchor=False)
    waited = None if report.origins else not_read_yet({"deployment"}, reader.unread())
    if waited:
        words = f"No production deployment is known yet, {waited.replace('not read yet: ', 'but ')}."
        st.info(prose(words), icon=":material/hourglass_top:")
    elif not report.origins:
        st.info(
            "No production deployment is known yet. A version tag like `v1.2.0` counts as a release, or send "
            "`deployment` events.",
            icon=":material/rocket_launch:",
        )
    else:
        st.caption(
            "Each service has one origin: release tags stand in until the first deployment event to production lands, "
            "and are put aside from then on. To go back to tags, no deployment events of that service may be sent."
        )
        listing([origin_row(each) for each in report.origins], "origins", "What counts, by service")


def _places(report: HealthReport) -> None:
    st.header("Where it lies and what runs", anchor=False)
    left, right = st.columns([3, 1])
    with left:
        _named(place_rows(report), "Place")
    with right:
        _named(version_rows(report), "Version of")


def _named(rows: Mapping[str, str], title: str) -> None:
    named = [{title: literal(name), "": text} for name, text in rows.items()]
    st.table(named, hide_index=True, hide_header=True, border="horizontal", alt=title)
