"""The settings that every source of a server shares: addresses that keep a token safe, tokens and patience."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from collectors.http.server import ServerSettings, checked_address
from tribometer.errors import SecretMissing


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://api.github.com", "https://api.github.com"),
        ("https://ghe.acme.example/api/v3/", "https://ghe.acme.example/api/v3"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("http://[::1]:3000", "http://[::1]:3000"),
    ],
)
def test_an_address_of_a_server_is_https_or_on_this_machine(url: str, address: str) -> None:
    assert checked_address(url) == address


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("api.github.com", "begins with https://"),
        ("ftp://api.github.com", "begins with https://"),
        ("https://", "begins with https://"),
        ("http://api.github.com", "sent over https only"),
        ("http://127.0.0.1.evil.example", "sent over https only"),
        ("http://127.0.0.1@evil.example", "sent over https only"),
        ("https://user:word@api.github.com", "does not belong in the address"),
        ("https://api.github.com\\@evil.example", "does not belong in the address"),
        ("https://api.github.com?token=x", "has no query"),
        ("https://api.github.com/#x", "has no query"),
        ("https://api.github.com/a b", "no address"),
        ("https://api.github.com:port", "(?i)port"),
        ("https://api.github.com:99999", "(?i)port"),
        ("https://api.github.com:0", "no address"),
        ("https://[::1", "(?i)invalid"),
    ],
)
def test_an_address_that_could_give_a_token_away_or_is_none_is_refused(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        checked_address(url)


WRITTEN = "ghp_0123456789"


def settings(**table: object) -> ServerSettings:
    return ServerSettings.model_validate({"kind": "forge", **table})


def test_several_tokens_are_told_apart_in_errors(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("1")
    table = {"token": [{"file": tmp_path / "one"}, {"file": tmp_path / "two"}]}
    with pytest.raises(SecretMissing, match=r"two: token\[1\]: the secret cannot be read"):
        settings(**table).tokens()
    (tmp_path / "two").write_text("2")
    assert [each.key for each in settings(**table).tokens()] == ["token[0]", "token[1]"]


def test_one_token_is_called_as_it_is_written_and_sent_in_the_form_the_server_wants(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("1\n")
    [token] = settings(token={"file": tmp_path / "one"}).tokens(header="private-token", form="{}")
    assert (token.key, token.headers(lambda _, __: pytest.fail("asks nobody"))) == ("token", {"private-token": "1"})
    assert settings().tokens() == ()


def test_a_token_that_is_written_into_the_table_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValidationError) as raised:
        settings(token=WRITTEN)
    told = raised.value.errors(include_url=False, include_input=False)
    assert "ghp_" not in str(told)


@pytest.mark.parametrize("table", [{"at_once": 0}, {"at_once": 33}, {"timeout": 0}, {"patience": -1}, {"retries": 3}])
def test_what_would_hammer_a_server_or_never_end_is_refused(table: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings(**table)


def test_a_server_is_asked_as_its_table_says() -> None:
    server = settings(at_once=2, timeout=5, patience=0).server("forge:acme", "https://forge.example.org", ())
    assert (server.at_once, server.timeout, server.patience) == (2, 5.0, 0.0)
