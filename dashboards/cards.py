"""A number as a card: value, status, interval, what it is compared with, its course, and who told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import charts, detail, drawing
from dashboards.frame import PUBLISHED, age
from dashboards.health_words import literal
from dashboards.health_words import named as listed
from dashboards.statuses import status_words
from dashboards.unread import NOT_OBSERVABLE, awaited, needed, telling_of
from metrics import CATALOGUE
from metrics.comparison import PREVIOUS
from metrics.wording import beside_text, interval_text, named, pooled_text, services_text, unit_of, value_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboards.answers import Answer
    from dashboards.data import DataSource, SourceState
    from dashboards.frame import Frame
    from dashboards.unread import Unread
    from metrics.comparison import Comparison
    from metrics.result import Benchmark, MetricResult

BADGES = {
    "too_few": ":orange-badge[:material/scatter_plot: {}]",
    "no_data": ":gray-badge[:material/inbox: {}]",
    "not_observable": ":violet-badge[:material/visibility_off: {}]",
    "low_coverage": ":orange-badge[:material/opacity: {}]",
    "suppressed": ":blue-badge[:material/lock: {}]",
}
"""How a status that is not sound looks: each with a sign of its own, for colours alone say nothing."""
NOTHING = {
    "no_data": "no data",
    "not_observable": "not observable",
    "low_coverage": "hidden",
    "suppressed": "private",
}
"""What stands in the place of a value that is missing; never 0, and never the same for two reasons."""
VERDICTS = {
    "better": ":green[:material/thumb_up: better]",
    "worse": ":red[:material/thumb_down: worse]",
    "higher": ":material/arrow_upward: higher",
    "lower": ":material/arrow_downward: lower",
    "cannot_tell": ":material/question_mark: cannot tell",
}


def draw(reader: DataSource, chosen: Frame, answers: Mapping[str, Answer], labels: Mapping[str, str]) -> None:
    """Draw a card for every answer, as many beside each other as fit."""
    unread, sources = reader.unread(), reader.sources()
    with st.container(key="cards", gap="small"):
        for name, answer in answers.items():
            with st.container(border=True, height="stretch", gap="xsmall"):
                _card(labels[name], answer, chosen, unread)
                st.caption(told_by(answer.result, sources, reader))
                if st.button("Open", key=f"open-{name}", type="tertiary", icon=":material/open_in_full:",
                             help=f"{labels[name]}: its course, rows, definition, SQL and API call"):  # fmt: skip
                    detail.opened(reader, chosen, name, labels[name], answer.result)


def _card(label: str, answer: Answer, chosen: Frame, unread: Sequence[Unread]) -> None:
    result = answer.result
    st.metric(label, value(result), help=definition(result.metric))
    if status := status_words(result, unread):
        st.markdown(BADGES.get(result.status, ":gray-badge[{}]").format(status))
    if under := _under(result, unread):
        st.caption(under)
    if beside := _beside(result):
        st.caption(beside)
    if against := compared_words(answer.comparison, result, chosen):
        st.caption(against)
    if sum(bucket.value is not None for bucket in result.series) > 1:
        drawing.draw(charts.trend, result, height=90, axes=False, alt=f"{label} over time", key=f"card-{result.metric}")


def value(result: MetricResult) -> str:
    """The value in words, and where there is none what is the matter, each in its own."""
    if result.value is None and result.status in NOTHING:
        return NOTHING[result.status]
    return value_text(unit_of(result), result.value)


def definition(metric: str) -> str:
    """What is asked, and how the number answers, for whoever points at it."""
    found = CATALOGUE[metric]
    return f"{found.question}\n\n{found.formula}\n\nDefinition version {found.version}."


def _under(result: MetricResult, unread: Sequence[Unread]) -> str:
    """The line below a value: its interval, how many it rests on, and what is missing."""
    spread = services_text(result)
    counted = f"n\u00a0=\u00a0{result.n:,}" if result.n and result.status != "too_few" else None
    together = f"all together {pooled_text(result)}" if spread and pooled_text(result) else None
    words = [_needed(result, unread), spread, together, interval_text(result), counted]
    return " · ".join(word for word in words if word)


def _beside(result: MetricResult) -> str:
    """Further fields of the result that a reader is told, but for long lists."""
    told = {name: result.extra.get(name) for name in CATALOGUE[result.metric].beside}
    units = CATALOGUE[result.metric].beside
    words = [
        f"{named(name)} {beside_text(units[name], value)}"
        for name, value in told.items()
        if value is not None and not isinstance(value, dict)
    ]
    return " · ".join(words)


def _needed(result: MetricResult, unread: Sequence[Unread]) -> str:
    """What to send, where no source may yet tell of it."""
    metric = CATALOGUE[result.metric]
    if result.status != NOT_OBSERVABLE or telling_of(awaited(metric), unread):
        return ""
    return f"needs {' and '.join(f'`{name}`' for name in sorted(needed(metric)))} events"


def compared_words(comparison: Comparison | None, result: MetricResult, chosen: Frame) -> str:
    """How a number compares with what the reader chose; empty where there is nothing to compare."""
    if chosen.against == PUBLISHED:
        return _published(result.benchmark) if CATALOGUE[result.metric].benchmark else ""
    if comparison is None or comparison.other_value is None:
        return ""
    unit = unit_of(result)
    before = f"{_side(comparison, together=result.services is not None)} {value_text(unit, comparison.other_value)}"
    between = comparison.interval
    gap = f" (by {_signed(unit, between.low)} to {_signed(unit, between.high)})" if between else ""
    return f"{VERDICTS[comparison.verdict]}{gap} · {before}"


def _side(comparison: Comparison, *, together: bool) -> str:
    other = "before" if comparison.against == PREVIOUS else f"{comparison.against.replace(':', ' ', 1)}:"
    return f"all together {other}" if together else other


def _signed(unit: str, amount: float) -> str:
    if unit == "share":
        return f"{amount * 100:+.1f} points"
    return value_text(unit, amount) if amount < 0 else f"+{value_text(unit, amount)}"


def _published(benchmark: Benchmark | None) -> str:
    if benchmark is None:
        return "no place on DORA's scale: the interval spans several"
    spread = f", ± {benchmark.sd:.1f}" if benchmark.sd is not None else ""
    return f"{benchmark.score:.1f} of 10 on DORA's scale; all industries {benchmark.mean}{spread} ({benchmark.edition})"


def told_by(result: MetricResult, sources: Sequence[SourceState], reader: DataSource) -> str:
    """Which sources told of a number, and how long ago the last of them was read to its end."""
    reads, known = CATALOGUE[result.metric].reads, {source.name for source in sources}
    # the parts of a source are told by it
    names = [each.name for each in sources if not each.left and each.family not in known and each.reads & reads]
    if not names:
        return ":material/database: no source tells of it"
    fresh = result.data_as_of
    return f":material/database: {literal(listed(names))}" + (f", {age(fresh, reader.now())}" if fresh else "")
