"""Navigation only: what Streamlit runs for every page."""

from __future__ import annotations

from functools import partial
from importlib.resources import files

import streamlit as st

from dashboards.data import reader
from dashboards.pages import PAGES, Page
from tribometer.errors import TribometerError

# a named icon would be fetched from its maker's site; a page of ours asks nobody but us
ICON = files("dashboards").joinpath("icon.svg")


def _draw(page: Page) -> None:
    try:
        page.render(reader())
    except TribometerError as error:
        st.error(str(error))


st.set_page_config(page_title="Tribometer", page_icon=str(ICON), layout="wide")
st.navigation(
    [
        st.Page(partial(_draw, page), title=page.title, icon=page.icon, url_path=page.path, default=page is PAGES[0])
        for page in PAGES
    ],
    position="top",
).run()
