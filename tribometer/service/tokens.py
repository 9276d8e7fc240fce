"""``tribometer token``: API tokens for whoever asks from elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from tribometer.service.instance import Instance
    from tribometer.store.records import ApiToken


def add(instance: Instance, arguments: Mapping[str, Any], _tell: Callable[..., None]) -> dict[str, Any]:
    """Make the token ``name`` with ``scopes``; ``expires`` is in days, None: never. ``token`` is shown this once."""
    days = arguments["expires"]
    lifetime = None if days is None else timedelta(days=days)
    made = instance.records.tokens.add(arguments["name"], arguments["scopes"], lifetime)
    shown = _shown(made.token, instance.clock())
    instance.audit("token.add", made.token.name, scopes=shown["scopes"], expires_at=shown["expires_at"])
    return {**shown, "token": made.secret}


def list_all(instance: Instance, _arguments: Mapping[str, Any], _tell: Callable[..., None]) -> dict[str, Any]:
    """List every token ever made, without what only its holder knows."""
    now = instance.clock()
    return {"tokens": [_shown(token, now) for token in instance.records.tokens.all()]}


def revoke(instance: Instance, arguments: Mapping[str, Any], _tell: Callable[..., None]) -> dict[str, Any]:
    """End the token ``name`` now."""
    revoked = instance.records.tokens.revoke(arguments["name"])
    instance.audit("token.revoke", revoked.name)
    return _shown(revoked, instance.clock())


def _shown(token: ApiToken, now: datetime) -> dict[str, Any]:
    status = "revoked" if token.revoked_at else "in force" if token.holds(now) else "expired"
    times = {name: getattr(token, name) for name in ("created_at", "expires_at", "revoked_at", "last_used_at")}
    said = {name: at.isoformat() if at else None for name, at in times.items()}
    return {"name": token.name, "scopes": list(token.scopes), "status": status, **said}
