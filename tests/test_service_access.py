import pytest
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from tribometer.service.access import Access, is_loopback

ACCESS = Access("the-local-token")
TOKEN = {"authorization": "Bearer the-local-token"}
LOCAL = {"host": "127.0.0.1:8501"}


def connection(headers: dict[str, str], client: str = "127.0.0.1") -> HTTPConnection:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "headers": raw, "client": (client, 50000)})


def status(check: object, headers: dict[str, str], client: str = "127.0.0.1") -> int:
    assert callable(check)
    try:
        check(connection(headers, client))
    except HTTPException as refusal:
        return refusal.status_code
    return 200


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LOCALHOST.", "a.localhost"])
def test_names_that_can_only_mean_this_machine_are_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "10.0.0.1", "localhost.evil.example", "127.0.0.1.evil.example"])  # noqa: S104
def test_other_names_are_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("check", [ACCESS.may_read, ACCESS.may_write])
@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost:8501", "[::1]:8501", "localhost"])
def test_this_machine_needs_no_token(check: object, host: str) -> None:
    assert status(check, {"host": host}) == 200


@pytest.mark.parametrize("check", [ACCESS.may_read, ACCESS.may_write])
@pytest.mark.parametrize(
    ("headers", "client"),
    [
        ({"host": "evil.example:8501"}, "127.0.0.1"),  # DNS rebinding
        ({}, "127.0.0.1"),
        ({"host": "[::1"}, "127.0.0.1"),
        (LOCAL, "192.0.2.7"),
        ({**LOCAL, "x-forwarded-for": "192.0.2.7"}, "127.0.0.1"),  # a proxy on this machine
        ({**LOCAL, "forwarded": "for=192.0.2.7"}, "127.0.0.1"),
    ],
)
def test_what_only_looks_local_needs_a_token(check: object, headers: dict[str, str], client: str) -> None:
    assert status(check, headers, client) == 401
    assert status(check, {**headers, **TOKEN}, client) == 200


@pytest.mark.parametrize("check", [ACCESS.may_read, ACCESS.may_write])
@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
def test_a_page_of_another_site_may_not_call(check: object, headers: dict[str, str]) -> None:
    assert status(check, {**LOCAL, **headers}) == 403


def test_a_page_of_this_service_may_call() -> None:
    assert status(ACCESS.may_write, {**LOCAL, "origin": "http://127.0.0.1:8501"}) == 200


@pytest.mark.parametrize("check", [ACCESS.may_read, ACCESS.may_write, ACCESS.is_local_command])
@pytest.mark.parametrize("header", ["Bearer wrong", "Basic dXNlcg==", "", "Bearer é"])
def test_a_wrong_token_is_refused_even_where_none_is_needed(check: object, header: str) -> None:
    headers = {**LOCAL, "authorization": header}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    found = HTTPConnection({"type": "http", "headers": raw, "client": ("127.0.0.1", 1)})
    assert callable(check)
    with pytest.raises(HTTPException) as refusal:
        check(found)
    assert refusal.value.status_code == 401


def test_routes_for_local_commands_always_want_the_token() -> None:
    assert status(ACCESS.is_local_command, LOCAL) == 401
    assert status(ACCESS.is_local_command, {**LOCAL, **TOKEN}) == 200


def test_open_access_lets_anyone_read_but_only_this_machine_write() -> None:
    access = Access("t", open=True)
    assert status(access.may_read, {"host": "dora.example"}, "192.0.2.7") == 200
    assert status(access.may_write, {"host": "dora.example"}, "192.0.2.7") == 401
    assert status(access.may_read, {"host": "dora.example", "origin": "http://evil.example"}, "192.0.2.7") == 403
