"""Adoption: whether the golden path is taken, kept to, and left, and how far pipelines have drifted from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import cut_parts, cuts
from dashboards.number_page import NumberPage
from dashboards.questions import ADOPTION
from metrics.wording import share_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.answers import Answer
    from dashboards.data import DataSource
    from dashboards.frame import Frame


def teams(reader: DataSource, chosen: Frame, told: Mapping[str, Answer]) -> None:
    """Who takes the golden path."""
    cuts.lines(reader, chosen, "golden_path_adoption", "team", "Services of each team on the golden path")
    shares = told["golden_path_adoption"].result.extra
    if shares.get("deployments") is not None:
        st.caption(f"Of all production deployments {share_text(shares['deployments'])} went by it.")


def drift(_reader: DataSource, chosen: Frame, told: Mapping[str, Answer]) -> None:
    """What pipelines differ in."""
    st.header("What pipelines differ in", anchor=False)
    result = told["pipeline_drift"].result
    cut_parts.draw(result, "share of the drift", chosen)
    differences = result.extra.get("differences") or {}
    if differences:
        rows = [{"Difference": name, "Services": count} for name, count in differences.items()]
        st.dataframe(rows, hide_index=True, alt="The most common differences from the golden path")
        st.caption(
            "Drift is not bad by itself: ask what need the golden path misses before anybody is asked to come back."
        )


def deviations(_reader: DataSource, _chosen: Frame, told: Mapping[str, Answer]) -> None:
    """What differs for a reason that somebody declared."""
    st.header("Declared deviations", anchor=False)
    declared = told["pipeline_drift"].result.extra.get("deviations") or {}
    if not declared:
        st.info(
            "None is declared: `[[deviations]]` in the settings has an owner and an end for each.",
            icon=":material/rule:",
        )
        return
    st.dataframe([{"Deviation": name} for name in declared], hide_index=True, alt="Declared deviations")


def shadow(reader: DataSource, chosen: Frame, _told: Mapping[str, Answer]) -> None:
    """Where what runs was not deployed by a pipeline."""
    cuts.lines(reader, chosen, "shadow_deployment_rate", "team", "What runs and no pipeline deployed, by team")


PAGE = NumberPage(
    title="Adoption",
    question="Is the platform used, or routed around?",
    keys=ADOPTION,
    period="365 days",
    sections={"Teams": teams, "Drift": drift, "Deviations": deviations, "Shadow deployments": shadow},
)
