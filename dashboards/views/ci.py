"""CI: where its time goes, what flakes, and what running it again costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import cuts
from dashboards.cut_parts import draw as draw_parts
from dashboards.number_page import NumberPage
from dashboards.questions import CI
from metrics.wording import beside_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.answers import Answer
    from dashboards.data import DataSource
    from dashboards.frame import Frame


def flaky(reader: DataSource, chosen: Frame, _told: Mapping[str, Answer]) -> None:
    """Which pipelines say no and then yes to the same code."""
    cuts.lines(reader, chosen, "ci_flake_rate", "pipeline", "Which pipeline flakes", costliest=True)


def waste(reader: DataSource, chosen: Frame, told: Mapping[str, Answer]) -> None:
    """Which pipelines cost most by being run again."""
    cuts.lines(reader, chosen, "ci_rerun_waste", "pipeline", "What is run in vain, costliest first", costliest=True)
    waited = told["ci_rerun_waste"].result.extra.get("dev_wait")
    if waited:
        st.caption(f"People waited {beside_text('hours', waited)} for a second answer to the same code.")


def queue(reader: DataSource, chosen: Frame, _told: Mapping[str, Answer]) -> None:
    """When runners are short."""
    cuts.lines(reader, chosen, "ci_queue_time", "hour", "The queue by hour of the day, UTC")


def failures(reader: DataSource, chosen: Frame, _told: Mapping[str, Answer]) -> None:
    """What failed runs failed for."""
    st.header("Why runs fail", anchor=False)
    result = reader.compute(chosen.query("ci_failure_class"))
    draw_parts(result, "share of failed runs", chosen)
    st.caption(
        "Unknown is what neither a re-run nor the service's own word tells apart: it is not hidden in the others."
    )


PAGE = NumberPage(
    title="CI",
    question="Which job burns CI time, which one flakes, and what does that cost?",
    keys=CI,
    period="28 days",
    sections={"Flakes": flaky, "Re-runs": waste, "Queue": queue, "Failures": failures},
)
