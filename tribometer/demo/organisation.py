"""Who there is: departments, teams, services and their repositories, as written down here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

MONOREPO = "acme/storefront"
ARCHIVED = "legacy-billing"
CANARY = "search-api"
MOVED, MOVED_FROM, MOVED_DAYS_AGO = "vouchers", "checkout", 200
LIBRARIES = frozenset({"logging-kit", "auth-kit", "schema-kit"})
TWO_REGIONS = frozenset({"payment-gateway", "sign-in"})
DEPARTMENTS = {"commerce": "Commerce", "customer": "Customer", "operations": "Operations", "platform": "Platform"}

Pace = Literal["continuous", "daily", "twice_weekly", "weekly", "fortnightly"]


@dataclass(frozen=True)
class Team:
    """A team and how it works; hours are working hours, ``fails`` the share of deployments that fail."""

    key: str
    department: str
    zone: str
    country: str
    headcount: int
    pace: Pace
    fails: float
    recovery_hours: float
    services: tuple[str, ...]
    coding_hours: float = 7.0
    review_hours: float = 3.0
    weekly_changes: float = 3.1
    """Per developer."""
    approves: bool = False
    """Whether somebody has to approve a production deployment."""


TEAMS = (
    Team(
        "checkout", "commerce", "Europe/Berlin", "DE", 10, "continuous", 0.03, 0.5,
        ("checkout-api", "cart", "order-intake", "checkout-web", "storefront-gateway"), 4.0, 2.0, 3.9,
    ),
    Team(
        "catalog", "commerce", "Europe/Berlin", "DE", 9, "daily", 0.09, 2.5,
        ("catalog-api", "product-images", "catalog-import", "catalog-web", "attribute-store"),
    ),
    Team(
        "pricing", "commerce", "Europe/London", "GB", 7, "daily", 0.10, 3.0,
        ("price-engine", "promotions", "price-feed", "vouchers", "tax-rates"),
    ),
    Team(
        "payments", "commerce", "Europe/London", "GB", 11, "twice_weekly", 0.08, 2.0,
        ("payment-gateway", "refunds", "fraud-check", "ledger", "payment-methods"), approves=True,
    ),
    Team(
        "search", "customer", "America/New_York", "US", 9, "continuous", 0.04, 0.7,
        ("search-api", "search-index", "suggestions", "search-web", "ranking"), 4.5, 2.2, 3.8,
    ),
    Team(
        "accounts", "customer", "America/New_York", "US", 8, "daily", 0.11, 3.0,
        ("accounts-api", "sign-in", "profile", "account-web", "consent"), approves=True,
    ),
    Team(
        "messaging", "customer", "America/Los_Angeles", "US", 8, "twice_weekly", 0.12, 4.0,
        ("mail-sender", "push-sender", "notification-center", "text-blocks", "sms-gateway"),
    ),
    Team(
        "mobile", "customer", "America/Los_Angeles", "US", 9, "daily", 0.10, 2.5,
        ("mobile-gateway", "app-config", "mobile-web", "device-registry", "deep-links"),
    ),
    Team(
        "fulfilment", "operations", "Asia/Kolkata", "IN", 12, "weekly", 0.28, 14.0,
        ("warehouse", "picking", "shipping-labels", "returns", "carrier-gateway"), 13.0, 4.5, 2.3, approves=True,
    ),
    Team(
        "billing", "operations", "Europe/Paris", "FR", 9, "fortnightly", 0.32, 18.0,
        ("invoices", "dunning", "billing-export", "statements", "legacy-billing"), 14.0, 5.0, 2.1, approves=True,
    ),
    Team(
        "data", "platform", "Asia/Tokyo", "JP", 8, "daily", 0.11, 4.0,
        ("events-stream", "reporting", "data-export", "metrics-store", "schema-kit"),
    ),
    Team(
        "developer-platform", "platform", "Europe/Berlin", "DE", 8, "daily", 0.07, 2.0,
        ("service-portal", "runner-pool", "secrets-broker", "logging-kit", "auth-kit"),
    ),
)  # fmt: skip

IN_MONOREPO = ("checkout-web", "storefront-gateway", "catalog-web", "search-web", "account-web", "mobile-web")
NEW = {
    "order-intake": (640, "service-golden"), "attribute-store": (610, "service-golden"),
    "price-feed": (560, "service-golden"), "payment-methods": (520, "service-golden"),
    "suggestions": (470, "service-golden"), "consent": (420, "service-golden"),
    "sms-gateway": (350, "service-golden"), "deep-links": (300, "service-golden"),
    "metrics-store": (240, "service-golden"), "carrier-gateway": (180, "service-golden"),
    "product-images": (650, "service-classic"), "tax-rates": (600, "service-classic"),
    "ranking": (545, "service-classic"), "profile": (500, "service-classic"),
    "text-blocks": (440, "service-classic"), "device-registry": (380, "service-classic"),
    "statements": (310, "service-classic"), "data-export": (220, "service-classic"),
    "fraud-check": (630, None), "catalog-import": (580, None), "returns": (515, None), "app-config": (455, None),
    "notification-center": (395, None), "refunds": (330, None), "shipping-labels": (260, None), "dunning": (190, None),
}  # fmt: skip
"""Services born inside the two years: days before their end, and the template each was made from."""


@dataclass(frozen=True)
class Service:
    """A service; ``born`` and ``archived`` are days before the end of history, None: before it, or never."""

    name: str
    team: int
    repository: str
    template: str | None
    born: int | None
    archived: int | None
    share: float
    """Of its team's changes, relative to the other services of the team."""
    paths: tuple[str, ...] = field(default=())

    @property
    def deployable(self) -> bool:
        """Libraries are released, not deployed."""
        return self.name not in LIBRARIES


def services() -> tuple[Service, ...]:
    """All 60, in the order of their teams."""
    shares = (1.7, 1.2, 0.9, 0.8, 0.6)
    return tuple(
        _service(name, number, share)
        for number, team in enumerate(TEAMS)
        for name, share in zip(team.services, shares, strict=True)
    )


def _service(name: str, team: int, share: float) -> Service:
    shared = name in IN_MONOREPO
    born, template = NEW.get(name, (None, "service-classic" if share > 1 else None))
    return Service(
        name,
        team,
        MONOREPO if shared else f"acme/{name}",
        template,
        born,
        150 if name == ARCHIVED else None,
        share,
        (f"services/{name}/",) if shared else (),
    )


def repositories(found: tuple[Service, ...]) -> tuple[str, ...]:
    """The repositories of these services, each once."""
    return tuple(dict.fromkeys(service.repository for service in found))
