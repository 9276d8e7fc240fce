"""Who vouches for a delivery: the schemes of every kind of hook, and what they refuse."""

import base64
import json
from datetime import UTC, datetime
from importlib import import_module
from urllib.parse import urlencode

import pytest

from collectors.hooks.dispatch import FORM, HOOKS, Context, Delivery, hook
from collectors.hooks.schemes import credential
from deliveries import OLD_SECRET, SECRET, signature, signed, standard

BODY = b'{"zen": "Keep it \xe2\x9c\x93 logically awesome."}'
WHSEC = "whsec_" + base64.b64encode(bytes(range(32))).decode()
NOW = datetime(2026, 2, 1, tzinfo=UTC)


def vouched(kind: str, headers: dict[str, str], body: bytes = BODY, *secrets: str) -> bool:
    found = hook(kind)
    assert found is not None
    return found.vouches(Delivery(headers, body), secrets or (SECRET,))


@pytest.mark.parametrize("kind", HOOKS)
def test_a_delivery_that_knows_the_secret_is_vouched_for(kind: str) -> None:
    assert vouched(kind, signed(kind, BODY))


@pytest.mark.parametrize("kind", HOOKS)
def test_any_of_several_secrets_will_do_while_one_replaces_the_other(kind: str) -> None:
    assert vouched(kind, signed(kind, BODY, OLD_SECRET), BODY, SECRET, OLD_SECRET)


@pytest.mark.parametrize("kind", HOOKS)
def test_another_secret_no_header_and_no_secret_at_all_are_refused(kind: str) -> None:
    assert not vouched(kind, signed(kind, BODY, "another"))
    assert not vouched(kind, {})
    found = hook(kind)
    assert found is not None
    assert not found.vouches(Delivery(signed(kind, BODY), BODY), ())


@pytest.mark.parametrize("kind", ["github", "gitea", "pagerduty"])
def test_a_signature_is_of_the_raw_bytes_and_of_no_others(kind: str) -> None:
    assert not vouched(kind, signed(kind, BODY), BODY + b" ")
    assert not vouched(kind, signed(kind, json.dumps(json.loads(BODY)).encode()))


def test_sha1_alone_is_refused() -> None:
    assert not vouched("github", {"x-hub-signature": f"sha1={signature(BODY)[:40]}"})


@pytest.mark.parametrize("header", ["", "sha256=", "sha256=\xe9", "v1=", "x" * 100_000])
def test_a_header_in_any_other_form_is_refused(header: str) -> None:
    names = ["x-hub-signature-256", "x-gitea-signature", "x-pagerduty-signature", "x-gitlab-token", "authorization"]
    for kind in HOOKS:
        assert not vouched(kind, dict.fromkeys([*names, "webhook-signature"], header))


@pytest.mark.parametrize("header", ["x-forgejo-signature", "x-gitea-signature"])
def test_gitea_and_forgejo_sign_under_their_own_names(header: str) -> None:
    assert vouched("gitea", {header: signature(BODY)})


def test_gitea_signs_as_github_does_too() -> None:
    assert vouched("gitea", {"x-hub-signature-256": f"sha256={signature(BODY)}"})


def test_one_right_signature_among_several_of_pagerduty_will_do() -> None:
    header = f"v1={signature(BODY, 'gone')}, v1={signature(BODY)}"
    assert vouched("pagerduty", {"x-pagerduty-signature": header})
    assert not vouched("pagerduty", {"x-pagerduty-signature": f"v2={signature(BODY)}"})


def test_gitlabs_signing_token_signs_id_time_and_body() -> None:
    headers = standard(BODY, WHSEC)
    assert vouched("gitlab", headers, BODY, WHSEC)
    assert not vouched("gitlab", headers, BODY + b" ", WHSEC)
    assert not vouched("gitlab", {**headers, "webhook-id": "msg_2"}, BODY, WHSEC)
    assert not vouched("gitlab", {**headers, "webhook-timestamp": ""}, BODY, WHSEC)
    assert not vouched("gitlab", headers, BODY, "whsec_no base 64")


@pytest.mark.parametrize("kind", ["opsgenie", "alertmanager", "cdevents"])
def test_a_secret_is_a_bearer_token_or_the_password_of_any_user(kind: str) -> None:
    basic = base64.b64encode(f"anybody:{SECRET}".encode()).decode()
    assert vouched(kind, {"authorization": f"bearer {SECRET}"})
    assert vouched(kind, {"authorization": f"Basic {basic}"})
    assert not vouched(kind, {"authorization": f"Basic {SECRET}"})
    assert not vouched(kind, {"authorization": SECRET})


@pytest.mark.parametrize("header", ["Basic !", "Basic /w==", "Digest x", "Basic", ""])
def test_an_authorization_in_another_form_holds_no_credential(header: str) -> None:
    assert credential({"authorization": header}) == ""


def test_a_form_holds_the_payload_in_one_field() -> None:
    body = urlencode({"payload": '{"a": 1}'}).encode()
    assert Delivery({"content-type": f"{FORM}; charset=utf-8"}, body).json() == {"a": 1}


def test_json_that_its_sender_calls_a_form_is_json() -> None:
    assert Delivery({"content-type": FORM}, b'{"a": 1}').json() == {"a": 1}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"payload=%7B", b"payload=" + b"&" * 99])
def test_a_body_that_is_no_json_is_a_value_error(body: bytes) -> None:
    for kind in ("application/json", FORM):
        with pytest.raises(ValueError, match=r".*"):
            Delivery({"content-type": kind}, body).json()


@pytest.mark.parametrize("payload", [None, 0, "", [], {}, [[]], {"event": 1}, {"alerts": [1]}, {"context": []}])
@pytest.mark.parametrize("kind", HOOKS)
def test_odd_payloads_are_rejected_or_ignored_and_raise_nothing(kind: str, payload: object) -> None:
    headers = {"x-github-event": "pull_request", "x-gitea-event": "push", "x-gitlab-event": "Push Hook"}
    parsed = import_module(HOOKS[kind]).HOOK.parse(headers, payload, Context((), NOW))
    assert not parsed.events
    assert parsed.rejected or parsed.ignored


def test_a_kind_that_nobody_knows_has_no_hook() -> None:
    assert hook("bitbucket") is None
