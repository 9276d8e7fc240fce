"""Delivery: the five keys, where a change waits, and how services differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import charts, detail, frame
from dashboards.data import stage_legend, stage_records, stage_table, untold_stages
from dashboards.detail import status_words
from dashboards.health_words import named
from dashboards.unread import NOT_OBSERVABLE, awaited, needed, telling_of
from metrics import CATALOGUE
from metrics.wording import interval_text, pooled_text, services_text, status_text, unit_of, value_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboards.data import CommitsKnown, DataSource, Record
    from dashboards.frame import Frame
    from dashboards.unread import Unread
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
    chosen, services = frame.choose(reader), reader.services()
    # each result holds its series and, around it, the value over the whole window
    results = {name: reader.compute(chosen.query(name, by=chosen.bucket)) for name in KEYS}
    nothing = reader.times(frame.of_all_time(reader).query("deployment_frequency"), 0).first is None
    if nothing:
        _no_deployments(reader)
    else:
        _scope_line(services, chosen, results["deployment_frequency"])
    unread = reader.unread()
    with st.container(key="cards", gap="small"):
        for name, label in KEYS.items():
            _card(label, results[name], unread)
    score = st.empty()
    _stages(reader.compute(chosen.query("lead_time_stages")), unread)
    if len(services) > 1 and chosen.service is None:
        _services(reader, chosen)
    detail.open_number(reader, chosen, KEYS, results)
    with score:
        _quick_check(reader.compute(chosen.query("quick_check")))
    frame.provenance(reader, remarked=nothing)


def _nothing_yet() -> None:
    st.info(
        "Nothing is collected yet. Start `tribometer up` inside a git clone, name sources in `tribometer.toml`, "
        "or send events with `tribometer import FILE` or `POST /api/v1/events`. What keeps sources "
        "that are named already, Data health says.",
        icon=":material/inbox:",
    )


def _no_deployments(reader: DataSource) -> None:
    sources = reader.sources()
    if unread := telling_of({"deployment"}, reader.unread()):
        _not_yet(reader, unread)
        return
    why = (
        f"{_collected(reader.commits())} No production deployment is known yet, so there is nothing to time. A version "
        "tag like `v1.2.0` counts as a release: tag one, set `releases` of the source to the tags you use, or send "
        "`deployment` events with `tribometer import FILE` or `POST /api/v1/events`. `tribometer doctor` says more."
    )
    running = any(source.collecting for source in sources)
    wait = ["A collection is running: open the page again when it is done."] if running else []
    st.info("\n\n".join([why, *frame.remarks(sources), *wait]), icon=":material/rocket_launch:")


def _not_yet(reader: DataSource, unread: Sequence[Unread]) -> None:
    names = [source.name for source in unread]
    going = all(source.collecting for source in unread)
    how = "is being collected for the first time" if going else "was not read to its end yet"
    st.info(
        f"{_collected(reader.commits())} No production deployment is known yet, but {named(names)} {how}, and may tell "
        "of some. Data health says how far that is, and what is in its way.",
        icon=":material/hourglass_top:",
    )


def _collected(commits: CommitsKnown) -> str:
    if commits.first_at is None or commits.last_at is None:
        return "No commit was found."
    return f"{commits.count:,} commits from {commits.first_at:%d %b %Y} to {commits.last_at:%d %b %Y} were collected."


def _scope_line(services: Sequence[str], chosen: Frame, frequency: MetricResult) -> None:
    everything = services[0] if len(services) == 1 else f"all {len(services)} services"
    scope = chosen.service or (f"team {chosen.team}" if chosen.team else everything)
    why = f" ({chosen.why})" if chosen.why else ""
    st.markdown(f"**{scope}**, {chosen.words}{why}: {frequency.n:,} deployments")
    if not frequency.n:
        st.info(
            "No production deployment of this scope finished in this period: choose a longer one, or All. Today is not "
            "over, so it is not counted.",
            icon=":material/date_range:",
        )


def _card(label: str, result: MetricResult, unread: Sequence[Unread]) -> None:
    with st.container(border=True, height="stretch"):
        st.metric(label, value_text(unit_of(result), result.value), help=_definition(result.metric))
        st.caption(_under(result, unread))
        if sum(bucket.value is not None for bucket in result.series) > 1:
            st.altair_chart(charts.trend(result, height=90, axes=False), alt=f"{label} over time", key=f"card-{label}")


def _definition(metric: str) -> str:
    found = CATALOGUE[metric]
    return f"{found.question}\n\nDefinition version {found.version}."


def _under(result: MetricResult, unread: Sequence[Unread]) -> str:
    """The line below a value: why it is weak or missing, its interval, and how many it rests on."""
    spread = services_text(result)
    counted = f"n\u00a0=\u00a0{result.n:,}" if result.n and result.status != "too_few" else None
    together = f"all together {pooled_text(result)}" if spread and pooled_text(result) else None
    words = [status_words(result, unread), _needed(result, unread), spread, together, interval_text(result), counted]
    return " · ".join(word for word in words if word)


def _needed(result: MetricResult, unread: Sequence[Unread]) -> str:
    """What to send, where no source may yet tell of it."""
    metric = CATALOGUE[result.metric]
    if result.status != NOT_OBSERVABLE or telling_of(awaited(metric), unread):
        return ""
    return f"needs {' and '.join(f'`{name}`' for name in sorted(needed(metric)))} events"


def _quick_check(result: MetricResult) -> None:
    if result.value is None:
        return
    bench = result.benchmark
    versus = f"; the mean over all industries in {bench.edition} is {bench.mean}" if bench else ""
    score, weak = value_text("score", result.value), status_text(result)
    told = f"{score}, {weak}" if weak else f"**{score}**"
    st.markdown(f"DORA Quick Check: {told}{versus}.")


def _stages(result: MetricResult, unread: Sequence[Unread]) -> None:
    st.subheader("Where a change waits", anchor=False)
    records = stage_records(result)
    if not records:
        st.info(f"No stages to show: {status_words(result, unread) or 'no change was shipped in this period'}.")
        return
    if len(records) == 1:
        _only_stage(records[0], untold_stages(result))
        return
    st.altair_chart(charts.stage_bar(result), alt="Mean share of each stage of change lead time", key="stages")
    st.html(stage_legend(result))
    st.caption(
        "Mean shares on the calendar clock. Medians of the stages do not add up to the median of the whole. "
        "A commit pushed without a pull request has only the wait for its release and the deployment."
    )
    if untold_stages(result):
        told = [f"{', '.join(names)} (told by {by})" for by, names in untold_stages(result).items()]
        st.caption(f"Not seen here: {'; '.join(told)}.")
    with st.expander("As a table"):
        st.dataframe(stage_table(result), hide_index=True, alt="Stages of change lead time")


def _only_stage(only: Record, untold: Mapping[str, Sequence[str]]) -> None:
    lines = [f"- {', '.join(names)}: {by}" for by, names in untold.items()]
    st.markdown(
        f"Only one stage is known here. **{only['stage']}**: {only['median']} in the median (n = {only['n']:,})."
    )
    st.markdown(
        "\n".join([
            "What would tell of the others, sent with `tribometer import FILE` or `POST /api/v1/events`:", "", *lines,
        ])
    )  # fmt: skip


def _services(reader: DataSource, chosen: Frame) -> None:
    results = [
        reader.compute(chosen.query(name, by="service")) for name in ("change_lead_time", "deployment_frequency")
    ]
    told = [each for each in results if sum(bucket.value is not None for bucket in each.series) > 1]
    if not told:
        return
    st.subheader("Services", anchor=False)
    st.caption("Each tick is one service; the grey bar is the middle half. It is a distribution, not a ranking.")
    for each in told:
        name = KEYS[each.metric]
        st.altair_chart(charts.distribution(each, name), alt=f"{name} of each service", key=f"services-{each.metric}")
