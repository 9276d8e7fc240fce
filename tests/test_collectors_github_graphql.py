"""GraphQL says 200 to everything: what its errors mean, and how pages shrink until the server bears them."""

import httpx
import pytest

from collectors.github.graphql import GraphQL, StaleCursor
from github_forge import Forge, Json, client_of, collect, pull_request
from tribometer.errors import SourceBusy, SourceForbidden, SourceGone, SourceMissing, SourceUnavailable

QUESTION = "query Q { viewer { login } }"


def answering(*answers: httpx.Response) -> GraphQL:
    """A server that gives these answers, the last one for ever."""
    rest = list(answers)
    forge = Forge(trouble=lambda *_: rest.pop(0) if len(rest) > 1 else rest[0])
    return GraphQL(client_of(forge), "github:acme")


def failing(kind: str | None, message: str = "no", **headers: str) -> httpx.Response:
    error = {"message": message} | ({"type": kind} if kind else {})
    return httpx.Response(200, json={"data": None, "errors": [error]}, headers=headers)


GOOD = httpx.Response(200, json={"data": {"viewer": {"login": "ann"}}})


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (failing("NOT_FOUND", "Could not resolve to a Repository"), SourceMissing),
        (failing("FORBIDDEN", "Resource not accessible by integration"), SourceForbidden),
        (failing("INSUFFICIENT_SCOPES"), SourceForbidden),
        (failing(None, "Field 'x' doesn't exist on type 'Repository'"), SourceGone),
        (failing("INVALID_CURSOR_ARGUMENTS", "`x` does not appear to be a valid cursor."), StaleCursor),
        (failing("RESOURCE_LIMITS_EXCEEDED"), SourceUnavailable),
        (failing(None, "Something went wrong while executing your query"), SourceUnavailable),
        (httpx.Response(502, text="<html>"), SourceUnavailable),
    ],
)
def test_an_error_means_what_its_type_says(answer: httpx.Response, error: type[Exception]) -> None:
    with pytest.raises(error):
        answering(answer).ask(QUESTION, {})


def test_a_spent_quota_of_points_waits_until_it_begins_anew() -> None:
    now = int(Forge().now.timestamp())
    spent = failing(
        "RATE_LIMITED", "API rate limit exceeded", **{"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{now}"}
    )
    assert answering(spent, GOOD).ask(QUESTION, {}) == {"viewer": {"login": "ann"}}
    later = failing("RATE_LIMITED", **{"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{now + 86_400}"})
    with pytest.raises(SourceBusy):
        answering(later).ask(QUESTION, {})


def test_a_limit_that_says_nothing_of_its_end_is_waited_for() -> None:
    limit = failing("RATE_LIMITED", "You have exceeded a secondary rate limit")
    assert answering(limit, limit, GOOD).ask(QUESTION, {}) == {"viewer": {"login": "ann"}}
    with pytest.raises(SourceBusy):
        answering(limit).ask(QUESTION, {})


def test_errors_of_parts_leave_the_rest_of_an_answer_good() -> None:
    partly = {
        "data": {"viewer": {"login": None}},
        "errors": [{"type": "FORBIDDEN", "message": "no", "path": ["viewer"]}],
    }
    assert answering(httpx.Response(200, json=partly)).ask(QUESTION, {}) == {"viewer": {"login": None}}


@pytest.mark.parametrize("borne", [100, 50, 26, 12, 10])
@pytest.mark.parametrize("how", ["502", "504", "resource"])
def test_a_page_is_halved_until_the_server_bears_it_and_that_is_remembered(borne: int, how: str) -> None:
    forge = Forge()
    forge.add(pull_requests=[pull_request(n, n / 10) for n in range(1, 151)])
    sizes = []

    def trouble(_request: httpx.Request, body: Json) -> httpx.Response | None:
        if "PullRequests" not in body.get("query", ""):
            return None
        sizes.append(body["variables"]["size"])
        refusal = failing("RESOURCE_LIMITS_EXCEEDED") if how == "resource" else httpx.Response(int(how))
        return refusal if sizes[-1] > borne else None

    forge.trouble = trouble
    found = collect(forge.collector())
    assert len(found.of("change")) == 150
    assert found.remarks == []
    tried = [size for size in (100, 50, 25, 12, 10) if size > borne]
    assert sizes[: 2 * len(tried)] == [size for size in tried for _ in range(2)]
    kept = next(size for size in (100, 50, 25, 12, 10) if size <= borne)
    assert set(sizes[2 * len(tried) :]) == {kept}
    assert found.cursors["github:acme/checkout"]["pull requests"]["size"] == kept


def test_a_server_that_bears_no_page_at_all_is_unavailable() -> None:
    forge = Forge(trouble=lambda _request, body: httpx.Response(502) if body else None)
    forge.add(pull_requests=[pull_request(1, 1)])
    with pytest.raises(SourceUnavailable):
        collect(forge.collector())


def test_a_pull_request_that_the_server_cannot_tell_of_costs_the_others_nothing() -> None:
    forge = Forge()
    forge.add(pull_requests=[pull_request(n, n / 10) for n in range(1, 41)])
    broken = {"errors": [{"message": "Something went wrong while executing your query.", "path": ["repository"]}]}

    def trouble(_request: httpx.Request, body: Json) -> httpx.Response | None:
        if "PullRequests" not in body.get("query", ""):
            return None
        data = forge.data(body["query"], body["variables"])
        nodes = data["repository"]["pullRequests"]["nodes"]
        at = next((at for at, node in enumerate(nodes) if node["number"] == 17), None)
        if at is None:
            return None
        nodes[at] = None
        return httpx.Response(200, json={"data": data, **broken})

    forge.trouble = trouble
    found = collect(forge.collector())
    assert len(found.of("change")) == 39
    assert [each.content for each in found.rejected] == ["change of acme/checkout"]


def test_a_connection_that_the_server_cannot_tell_of_takes_nothing_back() -> None:
    forge = Forge()
    forge.add(pull_requests=[{**pull_request(1, 1), "commits": [], "timelineItems": []}])

    def trouble(_request: httpx.Request, body: Json) -> httpx.Response | None:
        if "PullRequests" not in body.get("query", ""):
            return None
        data = forge.data(body["query"], body["variables"])
        data["repository"]["pullRequests"]["nodes"][0] |= {"commits": None, "timelineItems": None}
        return httpx.Response(200, json={"data": data, "errors": [{"type": "FORBIDDEN", "message": "no"}]})

    forge.trouble = trouble
    (change,) = collect(forge.collector()).of("change").values()
    assert not {"commits", "head_shas", "first_commit_at"} & change.carried
