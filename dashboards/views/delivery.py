"""Delivery: the five keys, where a change waits, and how services differ."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from dashboards import cards, charts, cuts, detail, drawing, filters, frame
from dashboards.answers import answers
from dashboards.answers import queries as asked
from dashboards.data import stage_legend, stage_records, stage_table, untold_stages
from dashboards.health_words import named
from dashboards.questions import DELIVERY
from dashboards.statuses import status_words
from dashboards.unread import telling_of
from metrics.wording import status_text, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dashboards.data import CommitsKnown, DataSource, Record
    from dashboards.frame import Frame
    from dashboards.unread import Unread
    from metrics.query import Query
    from metrics.result import MetricResult


def render(reader: DataSource) -> None:
    """Draw the page for one reader."""
    frame.heading(reader, "Delivery", "How do we deliver, is it getting better, and compared with what?")
    if not reader.sources():
        frame.nothing_yet()
        return
    chosen, services = filters.choose(reader, published=True), reader.services()
    # each result holds its series and, around it, the value over the whole window
    told = answers(reader, chosen, DELIVERY)
    nothing = reader.times(frame.of_all_time(reader).query("deployment_frequency"), 0).first is None
    if nothing:
        _no_deployments(reader)
    else:
        _scope_line(services, chosen, told["deployment_frequency"].result)
    cards.draw(reader, chosen, told, DELIVERY)
    score = st.empty()
    _stages(reader.compute(chosen.query("lead_time_stages")), reader.unread())
    if len(services) > 1 and chosen.service is None:
        _services(reader, chosen)
    detail.open_number(reader, chosen, DELIVERY, told)
    st.markdown(f"[The last whole month on one page, to be printed]({_report(chosen)})")
    with score:
        _quick_check(reader.compute(chosen.query("quick_check")))
    frame.provenance(reader, remarked=nothing)


def ahead(reader: DataSource) -> Iterator[object]:
    """Work out what the page opens with, a number a step."""
    return map(reader.prepare, queries(reader))


def queries(reader: DataSource) -> Iterator[Query]:
    """What the page asks when it is opened, nothing being chosen."""
    chosen = filters.opening(reader, filters.AUTOMATIC)
    yield from asked(chosen, DELIVERY)
    yield chosen.query("lead_time_stages")
    yield chosen.query("quick_check")


def _report(chosen: Frame) -> str:
    scope = chosen.query("deployment_frequency").scope
    return f"/report{f'?{urlencode(scope)}' if scope else ''}"


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


def _quick_check(result: MetricResult) -> None:
    if result.value is None:
        return
    bench = result.benchmark
    versus = f"; the mean over all industries in {bench.edition} is {bench.mean}" if bench else ""
    score, weak = value_text("score", result.value), status_text(result)
    told = f"{score}, {weak}" if weak else f"**{score}**"
    st.markdown(f"DORA Quick Check: {told}{versus}.")


def _stages(result: MetricResult, unread: Sequence[Unread]) -> None:
    st.header("Where a change waits", anchor=False)
    records = stage_records(result)
    if not records:
        st.info(f"No stages to show: {status_words(result, unread) or 'no change was shipped in this period'}.")
        return
    if len(records) == 1:
        _only_stage(records[0], untold_stages(result))
        return
    drawing.draw(charts.stage_bar, result, alt="Mean share of each stage of change lead time", key="stages")
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
    for name in ("change_lead_time", "deployment_frequency"):
        cuts.services(reader, chosen, name, DELIVERY[name])
