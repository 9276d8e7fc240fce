"""That a form which comes back was shown to whoever sends it: no other web page may answer in somebody's name."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tribometer.service.access import is_loopback

if TYPE_CHECKING:
    from starlette.requests import Request

    from tribometer.privacy.pseudonyms import Pseudonyms

PURPOSE = "survey forms"
COOKIE = "tribometer_form"
NONCE = re.compile(r"[A-Za-z0-9_-]{22,43}")
NONCE_BYTES, MAC_LETTERS = 16, 32
OWN = frozenset({"same-origin", "none"})


@dataclass(frozen=True)
class Guard:
    """Binds the forms of a data folder to a cookie of the browser and to the link they were opened by.

    ``url``: where people reach the service, which a proxy may hide from it.
    """

    key: bytes
    url: str | None

    @classmethod
    def of(cls, pseudonyms: Pseudonyms, url: str | None) -> Guard:
        """The guard of a data folder."""
        return cls(pseudonyms.purpose_key(PURPOSE), url)

    def nonce(self, request: Request) -> str:
        """What the browser's cookie says, or should say from now on."""
        found = request.cookies.get(COOKIE, "")
        return found if NONCE.fullmatch(found) else secrets.token_urlsafe(NONCE_BYTES)

    def token(self, nonce: str, link: str) -> str:
        """What stands hidden in a form."""
        return hmac.new(self.key, f"{nonce}\0{link.lower()}".encode(), hashlib.sha256).hexdigest()[:MAC_LETTERS]

    def fits(self, request: Request, link: str, sent: str) -> bool:
        """Whether what a form has hidden belongs to the browser's cookie and the link."""
        nonce = request.cookies.get(COOKIE, "")
        wanted = self.token(nonce, link)
        return bool(NONCE.fullmatch(nonce)) and hmac.compare_digest(wanted.encode(), sent.encode("utf-8", "replace"))

    def is_foreign(self, request: Request) -> bool:
        """Whether a browser says that another site's page sends this.

        Our pages send no referrer, and browsers then tell ``null`` for their origin.
        """
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site not in OWN
        origin = request.headers.get("origin", "null")
        hosts = {request.headers.get("host", "").lower(), _host(self.url or "")} - {""}
        return origin != "null" and _host(origin) not in hosts

    def is_secure(self, request: Request) -> bool:
        """Whether the browser came by https, as far as the service can know."""
        outside = (self.url or "").startswith("https:") and _host(self.url or "") == request.headers.get(
            "host", ""
        ).lower()
        return outside or request.url.scheme == "https"


def client_address(request: Request) -> str:
    """Where a request comes from; behind a proxy on this machine, where the proxy says."""
    address = request.client.host if request.client else ""
    if is_loopback(address) and (passed := request.headers.get("x-forwarded-for")):
        return passed.rpartition(",")[2].strip()[:64]
    return address


def _host(url: str) -> str:
    """Host and port of an address; nothing for what is none."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
