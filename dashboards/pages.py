"""Which pages there are, and in what order; the first one opens at the bare address, so its path is empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.views import data_health, delivery, did_it_help, friction, survey_results, survey_waves, what_we_heard

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.data import DataSource


@dataclass(frozen=True)
class Page:
    """One page: its path below the bare address, its title, what draws it, and its icon among Streamlit's own."""

    path: str
    title: str
    render: Callable[[DataSource], None]
    icon: str


PAGES = (
    Page("", "Delivery", delivery.render, ":material/rocket_launch:"),
    Page("friction", "Friction", friction.render, ":material/hourglass:"),
    Page("did-it-help", "Did it help", did_it_help.render, ":material/fact_check:"),
    Page("survey", "Survey", survey_results.render, ":material/forum:"),
    Page("what-we-heard", "What we heard", what_we_heard.render, ":material/hearing:"),
    Page("survey-waves", "Survey waves", survey_waves.render, ":material/outgoing_mail:"),
    Page("data-health", "Data health", data_health.page, ":material/monitor_heart:"),
)
