"""Navigation only: what Streamlit runs for every page."""

from __future__ import annotations

from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING

import streamlit as st

from dashboards.data import reader
from dashboards.pages import PAGES, Page
from tribometer.errors import TribometerError

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

# a named icon would be fetched from its maker's site; a page of ours asks nobody but us
ICON = files("dashboards").joinpath("icon.svg")


def _draw(page: Page) -> None:
    try:
        page.render(reader())
    except TribometerError as error:
        st.error(str(error))


st.set_page_config(page_title="Tribometer", page_icon=str(ICON), layout="wide")
sections: dict[str, list[StreamlitPage]] = {}
for page in PAGES:
    drawn = st.Page(
        partial(_draw, page), title=page.title, icon=page.icon, url_path=page.path, default=page is PAGES[0]
    )
    sections.setdefault(page.audience, []).append(drawn)
st.navigation(sections, position="top").run()
