"""What a page lets its reader do: refused with a reason, or done and told once after the page is drawn anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from dashboards.health import NothingLanded, Visitor
from tribometer.errors import TribometerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.health import Keeper

TOLD = "told by an action"


@dataclass(frozen=True)
class Actions:
    """The keeper's actions for whoever looks at the page; ``forbidden`` says why there are none."""

    keeper: Keeper
    forbidden: str | None

    def button(self, label: str, key: str, act: Callable[[], str], icon: str | None = None) -> None:
        """Draw a button; when it is pressed, act, and draw the page anew with what came of it."""
        pressed = st.button(label, key=key, icon=icon, disabled=self.forbidden is not None)
        # a browser can send what it likes: what is drawn as off must be off
        if pressed and self.forbidden is None:
            with st.spinner(f"{label} …"):
                st.session_state[TOLD] = _done(act)
            st.rerun()


def actions_for(keeper: Keeper) -> Actions:
    """Ask whether this visitor may act, and say so where not."""
    visitor = Visitor(st.context.ip_address, dict(st.context.headers))
    forbidden = keeper.forbids(visitor)
    if forbidden:
        st.info(f"You can look at everything here and change nothing. {forbidden}", icon=":material/lock:")
    return Actions(keeper, forbidden)


def tell() -> None:
    """Draw what the last action came to, once."""
    told: tuple[str, str] | None = st.session_state.pop(TOLD, None)
    if told is not None:
        how, words = told
        {"success": st.success, "warning": st.warning, "error": st.error}[how](words)


def _done(act: Callable[[], str]) -> tuple[str, str]:
    try:
        return "success", act()
    except NothingLanded as error:
        return "warning", str(error)
    except TribometerError as error:
        return "error", str(error)
