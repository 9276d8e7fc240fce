"""Self-service: how long teams wait for what they ask of the platform, and how often nobody has to do anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import cut_parts, cuts, waiting
from dashboards.number_page import NumberPage
from dashboards.questions import SELF_SERVICE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.answers import Answer
    from dashboards.data import DataSource
    from dashboards.frame import Frame


def kinds(reader: DataSource, chosen: Frame, _told: Mapping[str, Answer]) -> None:
    """Which kinds of request take long, and which need people."""
    cuts.lines(reader, chosen, "provisioning_wait", "kind", "How long each kind of request takes")
    cuts.lines(reader, chosen, "self_service_rate", "kind", "What of each kind nobody had to touch")


def still_open(reader: DataSource, chosen: Frame, _told: Mapping[str, Answer]) -> None:
    """What was asked for and is not there yet."""
    waiting.draw(reader, chosen, "provisioning_wait", "Requests still open", "Nothing that was asked for is open.")
    waiting.draw(reader, chosen, "approval_wait", "Approvals nobody has decided", "No approval waits for anybody.")


def approvals(_reader: DataSource, chosen: Frame, told: Mapping[str, Answer]) -> None:
    """Who or what decides."""
    st.header("What approvals wait for", anchor=False)
    cut_parts.draw(told["approval_wait"].result, "share of all gates", chosen)
    st.caption("The wait on the card is that for people: a timer or a policy check cannot answer sooner.")


PAGE = NumberPage(
    title="Self-service",
    question="Are we a service, or a ticket queue?",
    keys=SELF_SERVICE,
    period="90 days",
    sections={"Kinds": kinds, "Still open": still_open, "Approvals": approvals},
)
