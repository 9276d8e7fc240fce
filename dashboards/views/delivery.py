"""Delivery: the five keys, where a change waits, and how services differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import charts, detail, frame
from dashboards.data import stage_records, stage_table
from metrics import CATALOGUE
from metrics.wording import interval_text, pooled_text, status_text, value_text

if TYPE_CHECKING:
    from dashboards.data import CommitsKnown, DataSource
    from dashboards.frame import Frame
    from metrics.result import MetricResult

KEYS = {
    "deployment_frequency": "Deployment frequency",
    "change_lead_time": "Change lead time",
    "change_fail_rate": "Change fail rate",
    "failed_deployment_recovery_time": "Recovery time",
    "deployment_rework_rate": "Rework rate",
}
"""The five keys of DORA in the order of its own pages, with the words on the cards."""


def render(reader: DataSource) -> None:
    """Draw the page for one reader."""
    frame.heading(reader, "Delivery", "How do we deliver, is it getting better, and compared with what?")
    if not reader.sources():
        _nothing_yet()
        return
    chosen = frame.choose(reader)
    # each result holds its series and, around it, the value over the whole window
    results = {name: reader.compute(chosen.query(name, by=chosen.bucket)) for name in KEYS}
    if reader.first_shipped_at(None, None) is None:
        _no_deployments(reader.commits())
    else:
        _scope_line(reader, chosen, results["deployment_frequency"])
    for column, (name, label) in zip(st.columns(len(KEYS), gap="small"), KEYS.items(), strict=True):
        with column:
            _card(label, results[name])
    score = st.empty()
    _stages(reader.compute(chosen.query("lead_time_stages")))
    if len(reader.services()) > 1 and chosen.service is None:
        _services(reader, chosen)
    detail.open_number(reader, chosen, KEYS, results)
    with score:
        _quick_check(reader.compute(chosen.query("quick_check")))
    frame.provenance(reader)


def _nothing_yet() -> None:
    st.info(
        "Nothing is collected yet. Start `tribometer up` inside a git clone, name sources in `tribometer.toml`, "
        "or send events with `tribometer import FILE` or `POST /api/v1/events`.",
        icon=":material/inbox:",
    )


def _no_deployments(commits: CommitsKnown) -> None:
    st.info(
        f"{_collected(commits)} No production deployment is known yet, so there is nothing to time. A version tag "
        "like `v1.2.0` counts as a release: tag one, set `releases` of the source to the tags you use, or send "
        "`deployment` events with `tribometer import FILE` or `POST /api/v1/events`. `tribometer doctor` says more.",
        icon=":material/rocket_launch:",
    )


def _collected(commits: CommitsKnown) -> str:
    if commits.first_at is None or commits.last_at is None:
        return "No commit was found."
    return f"{commits.count:,} commits from {commits.first_at:%d %b %Y} to {commits.last_at:%d %b %Y} were collected."


def _scope_line(reader: DataSource, chosen: Frame, frequency: MetricResult) -> None:
    known = reader.services()
    everything = known[0] if len(known) == 1 else f"all {len(known)} services"
    scope = chosen.service or (f"team {chosen.team}" if chosen.team else everything)
    why = " (the shortest that holds six deployments)" if chosen.period == frame.AUTOMATIC else ""
    st.markdown(f"**{scope}**, {chosen.words}{why}: {frequency.n:,} deployments")


def _card(label: str, result: MetricResult) -> None:
    with st.container(border=True, height="stretch"):
        st.metric(label, value_text(result.unit, result.value), help=_definition(result.metric))
        st.caption(_under(result))
        if any(bucket.value is not None for bucket in result.series):
            st.altair_chart(charts.trend(result, height=90, axes=False), alt=f"{label} over time", key=f"card-{label}")


def _definition(metric: str) -> str:
    found = CATALOGUE[metric]
    return f"{found.question}\n\nDefinition version {found.version}."


def _under(result: MetricResult) -> str:
    """The line below a value: why it is weak or missing, its interval, and how many it rests on."""
    services = result.services
    spread = f"median of {services.ok} services" if services is not None and services.n > 1 else None
    counted = f"n = {result.n:,}" if result.n and result.status != "too_few" else None
    together = f"all together {pooled_text(result)}" if spread and pooled_text(result) else None
    words = [status_text(result), spread, together, interval_text(result), counted]
    return " · ".join(word for word in words if word)


def _quick_check(result: MetricResult) -> None:
    if result.value is None:
        return
    bench = result.benchmark
    versus = f"; the mean over all industries in {bench.edition} is {bench.mean}" if bench else ""
    st.markdown(f"DORA Quick Check: **{value_text('score', result.value)}**{versus}.")


def _stages(result: MetricResult) -> None:
    st.subheader("Where a change waits", anchor=False)
    if not stage_records(result):
        st.info(f"No stages to show: {status_text(result) or 'no change was shipped in this period'}.")
        return
    st.altair_chart(charts.stage_bar(result), alt="Mean share of each stage of change lead time", key="stages")
    st.caption(
        "Mean shares on the calendar clock. Medians of the stages do not add up to the median of the whole. "
        "A commit pushed without a pull request has only the wait for its release and the deployment."
    )
    with st.expander("As a table"):
        st.dataframe(stage_table(result), hide_index=True, alt="Stages of change lead time")


def _services(reader: DataSource, chosen: Frame) -> None:
    st.subheader("Services", anchor=False)
    st.caption("Each tick is one service; the grey bar is the middle half. It is a distribution, not a ranking.")
    for name in ("change_lead_time", "deployment_frequency"):
        result = reader.compute(chosen.query(name, by="service"))
        if sum(bucket.value is not None for bucket in result.series) > 1:
            chart = charts.distribution(result, KEYS[name])
            st.altair_chart(chart, alt=f"{KEYS[name]} of each service", key=f"services-{name}")
