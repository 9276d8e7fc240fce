"""What is hidden in the demo organisation to be found: the generator works from this, and tests look for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Planted:
    """One effect: what it is, where it is found, since when, and how large it is.

    ``size`` is the factor on ``measure`` against the others, or against the time before; 1 is no effect.
    ``since`` gives the days before the end of history for each team that took part, empty: all the time.
    """

    what: str
    measure: str
    where: tuple[str, ...]
    size: float
    since: Mapping[str, int] = field(default_factory=dict)


REVIEW_WAIT = Planted(
    "One team's changes wait three times as long for a review as everybody else's.",
    "working hours from a review request to the first review",
    ("payments",),
    3.0,
)
FLAKY_WORKFLOW = Planted(
    "One workflow fails by chance: its re-runs on the same tree turn green.",
    "share of (tree, workflow) pairs with a failure and a later success",
    ("acme/storefront", "end-to-end"),
    9.0,
)
TEMPLATE = Planted(
    "New services made from one template reach production in half the time.",
    "days from a service's creation to its first production deployment",
    ("service-golden",),
    0.5,
)
BUILD_CACHE = Planted(
    "A build cache, taken up by six teams one after the other, shortened their CI; the other six never took it.",
    "execution time of CI jobs",
    ("checkout", "catalog", "accounts", "mobile", "fulfilment", "data"),
    0.65,
    {"checkout": 420, "catalog": 380, "accounts": 340, "mobile": 290, "fulfilment": 250, "data": 200},
)
REVIEW_REMINDERS = Planted(
    "Reminders about open reviews, switched on by five teams, changed nothing.",
    "working hours from a review request to the first review",
    ("pricing", "search", "messaging", "billing", "developer-platform"),
    1.0,
    {"pricing": 360, "search": 330, "messaging": 300, "billing": 260, "developer-platform": 220},
)
STRONG = Planted(
    "Two teams are strong by the DORA keys: many small deployments, few failures, fast recovery.",
    "DORA keys",
    ("checkout", "search"),
    2.0,
)
WEAK = Planted(
    "Two teams are weak by the DORA keys: rare large deployments, many failures, slow recovery.",
    "DORA keys",
    ("fulfilment", "billing"),
    0.5,
)

PLANTED = (REVIEW_WAIT, FLAKY_WORKFLOW, TEMPLATE, BUILD_CACHE, REVIEW_REMINDERS, STRONG, WEAK)
