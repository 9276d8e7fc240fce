"""A GitHub App signs who it is and renews its tokens before they expire."""

from datetime import datetime, timedelta
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from collectors.github.app import App, AppCredential
from collectors.http.client import Client
from collectors.http.server import Server
from github_forge import NOW
from tribometer.errors import SecretMissing, SourceGone
from tribometer.settings import Secret

PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = PRIVATE.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
).decode()


class Apps:
    """A server that gives an App tokens of an hour, and knows which of them are good."""

    def __init__(self, key: Path) -> None:
        self.now = NOW
        self.given: list[str] = []
        self.revoked: set[str] = set()
        self.refuses: httpx.Response | None = None
        self.app = App(id=1, key=Secret(file=key), installation=2)
        self.credential = AppCredential(self.app, source="github:acme", clock=self.clock)

    def clock(self) -> datetime:
        """The time the test has set."""
        return self.now

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Give a token for a good signature, and anything else for a good token."""
        secret = request.headers["authorization"].removeprefix("Bearer ")
        if not request.url.path.endswith("/access_tokens"):
            good = self.given and secret == self.given[-1] and secret not in self.revoked
            return httpx.Response(200 if good else 401, json={})
        assert request.method == "POST"
        claims = jwt.decode(
            secret, PRIVATE.public_key(), algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False}
        )
        assert (claims["iss"], claims["exp"] - claims["iat"]) == ("1", 600)
        assert claims["iat"] == int((self.now - timedelta(minutes=1)).timestamp())
        if self.refuses:
            return self.refuses
        self.given.append(f"ghs_{len(self.given)}")
        expires = (self.now + timedelta(hours=1)).isoformat()
        return httpx.Response(201, json={"token": self.given[-1], "expires_at": expires})

    def client(self) -> Client:
        """A client with the App's credential."""
        transport = httpx.MockTransport(self.answer)
        return Client(
            Server("github:acme", "https://api.github.com", (self.credential,), clock=self.clock, sleep=lambda _: None,
                   transport=lambda: transport)
        )  # fmt: skip


@pytest.fixture
def apps(tmp_path: Path) -> Apps:
    key = tmp_path / "app.pem"
    key.write_text(PEM)
    return Apps(key)


def test_one_token_serves_until_five_minutes_before_it_expires(apps: Apps) -> None:
    with apps.client() as client:
        client.get("/a")
        apps.now += timedelta(minutes=54)
        client.get("/b")
        assert len(apps.given) == 1
        apps.now += timedelta(minutes=2)
        client.get("/c")
        assert len(apps.given) == 2


def test_a_token_that_is_revoked_early_is_replaced_once(apps: Apps) -> None:
    with apps.client() as client:
        client.get("/a")
        apps.now += timedelta(minutes=10)
        apps.revoked.add(apps.given[-1])
        client.get("/b")
        assert len(apps.given) == 2


def test_an_app_whose_new_tokens_are_refused_ends_with_what_to_do(apps: Apps) -> None:
    with apps.client() as client:
        apps.revoked |= {f"ghs_{number}" for number in range(9)}
        with pytest.raises(SourceGone, match="refuses the credential"):
            client.get("/a")


def test_a_suspended_installation_says_what_to_check_and_no_secret(apps: Apps) -> None:
    apps.refuses = httpx.Response(403, json={"message": "This installation has been suspended"})
    with apps.client() as client, pytest.raises(SourceGone, match=r"suspended.*Check `app.id`") as caught:
        client.get("/a")
    assert not any(secret in str(caught.value) for secret in apps.credential.secrets)


def test_a_server_that_fails_while_it_makes_a_token_is_asked_again(apps: Apps) -> None:
    apps.refuses = httpx.Response(502, text="<html>")
    with apps.client() as client:

        def recovered(_seconds: float) -> None:
            apps.refuses = None

        object.__setattr__(client.server, "sleep", recovered)
        assert client.get("/a").status == 200


def test_a_key_in_a_variable_may_have_its_line_breaks_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_KEY", PEM.replace("\n", "\\n"))
    AppCredential(App(id="Iv1", key=Secret(env="APP_KEY"), installation=2), source="github:acme")


def test_what_is_no_private_key_is_told_at_once(tmp_path: Path) -> None:
    key = tmp_path / "app.pem"
    key.write_text("hunter2")
    with pytest.raises(SecretMissing, match=r"app\.pem: app\.key: what stands there is no private RSA key") as caught:
        AppCredential(App(id=1, key=Secret(file=key), installation=2), source="github:acme")
    assert "hunter2" not in str(caught.value)


def test_a_key_that_is_gone_when_a_token_is_wanted_is_told_of_its_source(tmp_path: Path) -> None:
    key = tmp_path / "app.pem"
    key.write_text(PEM)
    credential = AppCredential(App(id=1, key=Secret(file=key), installation=2), source="github:acme")
    key.unlink()
    with pytest.raises(SourceGone, match=r"^github:acme: file .*app\.pem: app\.key: the secret cannot be read"):
        credential.headers(lambda _, __: pytest.fail("asks nobody"))
