"""The environments on the Data health page that nothing maps, and those that were mapped here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from dashboards.health_words import counted, literal

if TYPE_CHECKING:
    from dashboards.health import HealthReport, MappedEnvironment, UnmappedEnvironment
    from dashboards.health_actions import Actions

OFFERED = 20


def draw(report: HealthReport, actions: Actions) -> None:
    """Draw the section."""
    st.header("Environments", anchor=False)
    unmapped, mapped = report.unmapped_environments, report.mapped_environments
    if not unmapped:
        st.success("Every environment that was deployed to has a tier.", icon=":material/check:")
    else:
        st.caption(
            "Nobody has said which tier these are, and it is never guessed: only deployments to production count. "
            "A click counts at once and can be taken back; the line says the same in `tribometer.toml`, under "
            "`[environments]`, which goes first."
        )
    for each in unmapped[:OFFERED]:
        _offer(each, report.tiers, actions)
    if more := unmapped[OFFERED:]:
        _more(len(more))
    if mapped:
        st.markdown("**Mapped here**")
    for given in mapped:
        _given(given, actions)


def _offer(found: UnmappedEnvironment, tiers: tuple[str, ...], actions: Actions) -> None:
    name = found.environment
    with st.container(border=True):
        held = f"{counted(found.deployments, 'deployment')} of {counted(found.services, 'service')}"
        st.markdown(f"**{literal(name)}** holds back {held}. It is")
        with st.container(horizontal=True):
            for tier in tiers:
                act = partial(actions.keeper.map_environment, name, tier)
                actions.button(tier.capitalize(), f"map {tier} {name}", act)
        with st.expander("If it is production, as a line of the settings"):
            st.code(f"[environments]\n{found.line}", language="toml")


def _more(count: int) -> None:
    st.caption(
        f"And {count:,} more with fewer deployments. Where many names are alike, map them with one pattern under "
        '`[environments]`, like `development = ["pr-*"]`.'
    )


def _given(found: MappedEnvironment, actions: Actions) -> None:
    with st.container(border=True):
        overruled = f", but the settings say {found.settings_tier}, which counts" if found.settings_tier else ""
        st.markdown(f"**{literal(found.environment)}** is {found.tier}{overruled}")
        act = partial(actions.keeper.map_environment, found.environment, None)
        actions.button("Take it back", f"unmap {found.environment}", act)
        with st.expander("As a line of the settings"):
            st.code(f"[environments]\n{found.line}", language="toml")
