"""Push: what forges and incident tools send by themselves, verified over the raw bytes, then parsed as pull parses.

Pure: headers, bytes and secrets in, events out. Nothing of a delivery is looked at before it is verified, and a
delivery that nothing vouches for is refused. A delivery may come late or twice: its events are the same ones, with the
version that its sender gives, so it changes nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from collectors.hooks.schemes import Scheme
    from collectors.parsed import Parsed

MEGABYTE = 1 << 20
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 10
HOOKS: Mapping[str, str] = {
    "github": "collectors.hooks.github",
    "gitlab": "collectors.hooks.gitlab",
    "gitea": "collectors.hooks.gitea",
    "pagerduty": "collectors.pagerduty.hook",
    "opsgenie": "collectors.opsgenie.hook",
    "alertmanager": "collectors.alertmanager",
    "cdevents": "collectors.cdevents.delivery",
}
"""Module of every kind of hook; its ``HOOK`` says how to verify and parse. Imported at the first delivery."""


@dataclass(frozen=True)
class Delivery:
    """One request as it came; ``headers`` have lower-case names."""

    headers: Mapping[str, str]
    body: bytes

    def json(self) -> object:
        """The body, or the ``payload`` field of a form; `ValueError` when that is no JSON."""
        try:
            return json.loads(self._field() or self.body)
        except RecursionError:
            raise ValueError("nested too deeply") from None

    def _field(self) -> str | None:
        """The payload in a form; None where it is none, whatever the sender calls it."""
        if not self.headers.get("content-type", "").lower().startswith(FORM) or not self.body.startswith(b"payload="):
            return None
        return parse_qs(self.body.decode("utf-8"), max_num_fields=MOST_FIELDS).get("payload", [None])[0]


@dataclass(frozen=True)
class Context:
    """What the configuration says: the ``[[sources]]`` tables of the same kind; and the time."""

    tables: Sequence[Mapping[str, Any]]
    now: datetime

    def named(self, default: str) -> str:
        """Name of the one configured source of this kind, so that push and pull say the same of the same thing."""
        return str(self.tables[0].get("name") or default) if self.tables else default

    def unnamed(self, kind: str, repository: str) -> str:
        """The note on a repository that no table of the kind is about: it lands, read as without any table."""
        of_all = f"no [[sources]] table of kind {kind} is about {repository}"
        return f"{of_all}: nothing collects it, and what was pushed is read by the defaults"

    def option(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - a setting of any type
        """A setting of the first table that has it."""
        return next((table[key] for table in self.tables if key in table), default)


@dataclass(frozen=True)
class Hook:
    """How the deliveries of one kind are verified and read.

    ``parse`` is pure: headers, payload, context -> `Parsed`. ``limit``: bytes of the largest body. ``personal``: keys
    of its payloads whose texts name people. ``takes_token``: an API token that may write vouches for a delivery too.
    """

    kind: str
    schemes: tuple[Scheme, ...]
    parse: Callable[[Mapping[str, str], object, Context], Parsed]
    limit: int = 10 * MEGABYTE
    personal: frozenset[str] = field(default=frozenset())
    takes_token: bool = False

    def vouches(self, delivery: Delivery, secrets: Sequence[str]) -> bool:
        """Whether the delivery proves to know one of the secrets; without any, nothing does."""
        return any(
            scheme.proves(delivery.headers, delivery.body, secret) for scheme in self.schemes for secret in secrets
        )

    @property
    def wants(self) -> str:
        """What a delivery has to carry, in words."""
        return " or ".join(scheme.wants for scheme in self.schemes)


def hook(kind: str) -> Hook | None:
    """Load a hook by its kind; None: there is no such kind."""
    found: Hook | None = import_module(HOOKS[kind]).HOOK if kind in HOOKS else None
    return found
