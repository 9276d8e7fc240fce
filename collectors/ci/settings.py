"""What every ``[[sources]]`` table of a CI server can say, and how it proves who asks."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from pydantic import Field

from collectors.ci.deployments import Deploying
from collectors.ci.facts import Forge
from collectors.http.server import HeaderToken, ServerSettings

if TYPE_CHECKING:
    from collectors.http.server import Send
    from tribometer.settings import Secret


class BasicToken(HeaderToken):
    """A user's name with a token in the place of the password (RFC 7617)."""

    def __init__(self, user: str, secret: Secret, *, key: str = "token") -> None:
        """Read the secret now, so that a missing one is told before anything is collected."""
        super().__init__(secret, key=key)
        self._user = user

    def headers(self, send: Send) -> Mapping[str, str]:
        """The header with both."""
        del send
        return {"authorization": f"Basic {self._encoded}"}

    @property
    def secrets(self) -> frozenset[str]:
        """The token, alone and as it is sent."""
        return super().secrets | {self._encoded}

    @property
    def _encoded(self) -> str:
        return b64encode(f"{self._user}:{self._value}".encode()).decode()


class CISettings(ServerSettings):
    """A ``[[sources]]`` table of a CI server."""

    repositories: Mapping[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    """Repository of a job, where the URL it was cloned from does not tell: ``{"shop/*" = "acme/checkout"}``."""
    forge: Forge | None = None
    """Where the pull requests are that its runs are for; default: by the host of the clone's URL, if it is public."""
    deployments: Deploying | None = None
    """Which jobs deploy: ``{jobs = ["*deploy*"], environment = "production"}``; default: none."""


def host_and_path(url: str) -> str:
    """A server's name for a source, e.g. ``ci.example.org/jenkins``."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}".rstrip("/")
