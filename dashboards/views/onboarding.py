"""Onboarding: how long until a newcomer, or a new service, ships; those who are still on the way count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import cut_charts, cuts, drawing
from dashboards.number_page import NumberPage
from dashboards.questions import MILESTONES, ONBOARDING
from metrics.wording import DAY, share_text, value_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.answers import Answer
    from dashboards.data import DataSource
    from dashboards.frame import Frame

VERDICTS = {
    "different": "they differ",
    "indicative": "too few to tell",
    "cannot_tell": "cannot tell whether they differ",
}


def newcomers(_reader: DataSource, chosen: Frame, told: Mapping[str, Answer]) -> None:
    """Who got there within how many days."""
    st.header("How newcomers come along", anchor=False)
    records = [
        {"of": label, "days": part["value"] / DAY, "share": part["share"], "n": part["n"]}
        for name, label in MILESTONES.items()
        for part in told[name].result.parts
        if part["share"] is not None
    ]
    if not records:
        st.info(
            "No milestone of newcomers can be told here: it takes first days, and five people.", icon=":material/lock:"
        )
        return
    drawing.draw(cut_charts.curves, records, "share who got there", alt="Newcomers by days", key="newcomers")
    st.html(cut_charts.legend(list(dict.fromkeys(each["of"] for each in records))))
    st.caption(
        f"Everybody counts, also who has not got there yet (Kaplan-Meier). The whole organisation, {chosen.words}, "
        "widened to whole hiring quarters of five people or more."
    )
    with st.expander("As a table"):
        rows = [
            {
                "Milestone": each["of"],
                "Within": f"{each['days']:.0f} days",
                "Share": share_text(each["share"]),
                "n": each["n"],
            }
            for each in records
        ]
        st.dataframe(rows, hide_index=True, alt="Newcomers by milestone and days")


def cohorts(reader: DataSource, chosen: Frame, _told: Mapping[str, Answer]) -> None:
    """Whether it is getting better from one hiring quarter to the next."""
    cuts.lines(reader, chosen, "time_to_first_change", "cohort", "First merged change by hiring quarter")
    cuts.lines(reader, chosen, "time_to_first_deploy", "cohort", "First deployment by hiring quarter")


def templates(_reader: DataSource, chosen: Frame, told: Mapping[str, Answer]) -> None:
    """Whether a template makes a new service faster."""
    st.header("New services by template", anchor=False)
    result = told["service_time_to_first_deploy"].result
    found: Mapping[str, Any] = result.extra.get("by_template") or {}
    rows = [
        {
            "Template": "none" if name == "none" else name,
            "New services": each["n"],
            "Half within": value_text("seconds", each["p50"]),
            "80 % within": value_text("seconds", each["p80"]),
        }
        for name, each in found.items()
        if isinstance(each, dict)
    ]
    if not rows:
        st.info("No new service began in this scope and period.", icon=":material/inbox:")
        return
    st.dataframe(rows, hide_index=True, alt="Time to the first production deployment by template")
    p_value = found.get("p_value")
    tested = f" (log-rank test, p = {p_value:.3f})" if p_value is not None else ""
    st.caption(f"{VERDICTS.get(str(found.get('verdict')), str(found.get('verdict')))}{tested}. {chosen.words}.")


PAGE = NumberPage(
    title="Onboarding",
    question="How long until a newcomer, or a new service, ships?",
    keys=ONBOARDING,
    period="365 days",
    sections={"Newcomers": newcomers, "Hiring quarters": cohorts, "New services": templates},
)
