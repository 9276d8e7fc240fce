"""Which pages there are, and in what order; the first one opens at the bare address, so its path is empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.views import (
    adoption,
    ci,
    data_health,
    delivery,
    did_it_help,
    friction,
    my_team,
    on_call,
    onboarding,
    overview,
    self_service,
    survey_results,
    survey_waves,
    what_we_heard,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dashboards.data import DataSource


@dataclass(frozen=True)
class Page:
    """One page: its path below the bare address, its title, what draws it, and its icon among Streamlit's own.

    ``audience`` says whose question it answers; empty is everybody's. ``ahead`` works out, step by step, what the page
    opens with, before anybody opens it.
    """

    path: str
    title: str
    render: Callable[[DataSource], None]
    icon: str
    audience: str = ""
    ahead: Callable[[DataSource], Iterator[object]] | None = None


PLATFORM, LEADERS, DEVELOPERS, OPERATOR = "Platform team", "Leaders", "Developers", "Operator"
PAGES = (
    Page("", "What changed", overview.render, ":material/newspaper:", ahead=overview.ahead),
    Page("friction", "Friction", friction.render, ":material/hourglass:", PLATFORM, friction.ahead),
    Page("did-it-help", "Did it help", did_it_help.render, ":material/fact_check:", PLATFORM, did_it_help.ahead),
    Page("adoption", "Adoption", adoption.PAGE.render, ":material/route:", PLATFORM, adoption.PAGE.ahead),
    Page(
        "self-service", "Self-service", self_service.PAGE.render, ":material/storefront:", PLATFORM,
        self_service.PAGE.ahead,
    ),
    Page("ci", "CI", ci.PAGE.render, ":material/construction:", PLATFORM, ci.PAGE.ahead),
    Page("delivery", "Delivery", delivery.render, ":material/rocket_launch:", LEADERS, delivery.ahead),
    Page(
        "onboarding", "Onboarding", onboarding.PAGE.render, ":material/waving_hand:", LEADERS, onboarding.PAGE.ahead,
    ),
    Page("on-call", "On-call", on_call.PAGE.render, ":material/notifications:", LEADERS, on_call.PAGE.ahead),
    Page("survey", "Survey", survey_results.render, ":material/forum:", LEADERS),
    Page("what-we-heard", "What we heard", what_we_heard.render, ":material/hearing:", DEVELOPERS),
    Page("my-team", "My team's week", my_team.render, ":material/groups:", DEVELOPERS, my_team.ahead),
    Page("data-health", "Data health", data_health.page, ":material/monitor_heart:", OPERATOR, data_health.ahead),
    Page("survey-waves", "Survey waves", survey_waves.render, ":material/outgoing_mail:", OPERATOR),
)  # fmt: skip
