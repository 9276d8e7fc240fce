"""How senders prove who they are: a signature over the raw bytes, or a shared secret. All comparisons take equal time.

GitHub, "Validating webhook deliveries"; Gitea and Forgejo, "Webhooks"; PagerDuty, "Verifying signatures"; Standard
Webhooks (GitLab's signing token); RFC 6750 and RFC 7617. A scheme answers False for anything it cannot check.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

STANDARD_SECRET = "whsec_"  # noqa: S105 - what such secrets begin with


class Scheme(Protocol):
    """One way to prove knowledge of a secret."""

    @property
    def wants(self) -> str:
        """What it looks for, in words."""

    def proves(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """Whether headers and body prove that the sender knows the secret."""


@dataclass(frozen=True)
class Signature:
    """HMAC-SHA256 of the body in hexadecimal, ``prefix`` before it; a header may hold several, by commas."""

    header: str
    prefix: str = ""

    @property
    def wants(self) -> str:
        """The header and its form."""
        return f"{self.header}: {self.prefix}HMAC-SHA256 of the body in hexadecimal"

    def proves(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """Compare all of them with the one that the secret makes."""
        wanted = (self.prefix + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()).encode()
        given = headers.get(self.header, "").encode().split(b",")
        return any([hmac.compare_digest(each.strip(), wanted) for each in given])  # noqa: C419 - compare every one


@dataclass(frozen=True)
class StandardWebhook:
    """Standard Webhooks: ``webhook-signature: v1,BASE64`` over id, timestamp and body, several by blanks.

    The timestamp is signed but not judged: what is sent again changes nothing, and a late delivery is still a fact.
    """

    wants: str = "webhook-signature: v1,HMAC-SHA256 of id.timestamp.body in Base64"

    def proves(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """Compare all of them with the one that the secret makes."""
        identity, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        key = _standard_key(secret)
        if not (identity and timestamp and key):
            return False
        signed = f"{identity}.{timestamp}.".encode() + body
        wanted = b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
        given = headers.get("webhook-signature", "").encode().split()
        return any([hmac.compare_digest(each, wanted) for each in given])  # noqa: C419 - compare every one


def _standard_key(secret: str) -> bytes:
    """The bytes behind ``whsec_``; a secret in another form is its own key."""
    if not secret.startswith(STANDARD_SECRET):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(STANDARD_SECRET), validate=True)
    except ValueError:
        return b""


@dataclass(frozen=True)
class SharedSecret:
    """The secret itself in a header of its own (GitLab)."""

    header: str

    @property
    def wants(self) -> str:
        """The header."""
        return f"{self.header}: the secret"

    def proves(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """Compare the header with the secret."""
        del body
        return hmac.compare_digest(headers.get(self.header, "").encode(), secret.encode())


@dataclass(frozen=True)
class Authorization:
    """``authorization: Bearer SECRET``, or the secret as the password of ``Basic``, whatever the user's name."""

    wants: str = "authorization: Bearer or Basic with the secret"

    def proves(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """Compare token or password with the secret."""
        del body
        return hmac.compare_digest(credential(headers).encode(), secret.encode())


def credential(headers: Mapping[str, str]) -> str:
    """The bearer token or basic password of a request; empty when there is none."""
    form, _, value = headers.get("authorization", "").partition(" ")
    if form.lower() == "bearer":
        return value.strip()
    if form.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")[2]
    except ValueError:
        return ""
