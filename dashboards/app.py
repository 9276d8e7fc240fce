"""Navigation only: which pages there are, and in what order."""

from __future__ import annotations

from importlib.resources import files

import streamlit as st

from dashboards.data import reader
from dashboards.views import delivery
from tribometer.errors import TribometerError

# a named icon would be fetched from its maker's site; a page of ours asks nobody but us
ICON = files("dashboards").joinpath("icon.svg")


def _delivery() -> None:
    try:
        delivery.render(reader())
    except TribometerError as error:
        st.error(str(error))


st.set_page_config(page_title="Tribometer", page_icon=str(ICON), layout="wide")
st.navigation(
    [st.Page(_delivery, title="Delivery", icon=":material/rocket_launch:", url_path="delivery", default=True)]
).run()
