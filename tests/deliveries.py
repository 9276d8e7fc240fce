"""Webhook deliveries as their senders sign them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

RECORDINGS = Path(__file__).parent / "recordings"
SECRET = "the secret of the hook"  # noqa: S105 - a made-up one
OLD_SECRET = "the secret before"  # noqa: S105 - as above


def recorded(name: str) -> Any:
    """What was recorded, as JSON."""
    return json.loads((RECORDINGS / name).read_text())


def body_of(payload: object) -> bytes:
    """A payload as the bytes that are signed."""
    return payload if isinstance(payload, bytes) else json.dumps(payload).encode()


def signature(body: bytes, secret: str = SECRET) -> str:
    """HMAC-SHA256 in hexadecimal."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed(kind: str, body: bytes, secret: str = SECRET) -> dict[str, str]:
    """Headers with which a sender of this kind proves that it knows the secret."""
    told = signature(body, secret)
    return {
        "github": {"x-hub-signature-256": f"sha256={told}"},
        "gitlab": {"x-gitlab-token": secret},
        "gitea": {"x-gitea-signature": told},
        "pagerduty": {"x-pagerduty-signature": f"v1={told}"},
    }.get(kind, {"authorization": f"Bearer {secret}"})


def standard(body: bytes, secret: str, identity: str = "msg_1", timestamp: str = "1768039200") -> dict[str, str]:
    """Headers of Standard Webhooks; the secret is ``whsec_`` and its bytes in Base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    told = hmac.digest(key, f"{identity}.{timestamp}.".encode() + body, hashlib.sha256)
    encoded = base64.b64encode(told).decode()
    return {"webhook-id": identity, "webhook-timestamp": timestamp, "webhook-signature": f"v1,AAAA v1,{encoded}"}
