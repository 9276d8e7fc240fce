"""Walks through lists: every page once, whatever a server's links, totals and tokens say, and always to an end."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from collectors.http import paging
from collectors.http.client import Client
from collectors.http.exchange import Answer, Request
from collectors.http.paging import LinkPages, NumberedPages, OffsetPages, Paginator, TokenPages, total_of
from collectors.http.server import Server
from loopback import Answering, Asked, Loopback, Reply, Time, Told, serving
from tribometer.errors import SourceUnavailable

ELSEWHERE = "https://elsewhere.example/api/changes"


@contextmanager
def asking(answering: Answering) -> Iterator[tuple[Client, Loopback]]:
    time = Time()
    with (
        serving(answering) as server,
        Client(Server("forge:acme", server.url, clock=time.clock, sleep=time.sleep)) as client,
    ):
        yield client, server


def walked(answering: Answering, paginator: Paginator, request: Request | None = None) -> tuple[list[Any], Loopback]:
    """All bodies of a walk, and the server that was asked."""
    with asking(answering) as (client, server):
        return [answer.body for answer in client.pages(request or Request("/changes"), paginator)], server


def link_pages(items: Sequence[object], *, total: bool = False) -> Answering:
    """A server like GitHub and GitLab, whose links lead to another host."""

    def answering(asked: Asked) -> Reply:
        page, size = int(asked.query.get("page", 1)), int(asked.query["per_page"])
        shown = list(items[(page - 1) * size : page * size])
        headers = {"x-total": str(len(items))} if total else {}
        if page * size < len(items):
            query = f"state=all&per_page={size}&page={page + 1}"
            headers["link"] = f'<{ELSEWHERE}?page=1>; rel="first", <{ELSEWHERE}?{query}#top>; rel="next"; title="x"'
        return Told(shown, headers=headers)

    return answering


def test_next_links_are_followed_by_their_query_on_the_own_host() -> None:
    pages, server = walked(link_pages(range(7)), LinkPages(3), Request("/changes", {"state": "all"}))
    assert pages == [[0, 1, 2], [3, 4, 5], [6]]
    assert [dict(asked.query) for asked in server.log] == [
        {"state": "all", "per_page": "3"},
        {"state": "all", "per_page": "3", "page": "2"},
        {"state": "all", "per_page": "3", "page": "3"},
    ]


@pytest.mark.parametrize(
    ("header", "page"),
    [
        ("<https://x/?page=2>; rel=next", "2"),
        ('<https://x/?page=2>;rel="prev next"', "2"),
        ('<https://x/?page=1>; rel="prev", <?page=3>; title="a, b"; rel="next"', "3"),
        ("<http://[bad?page=2>; rel=next", "2"),
        ('<https://x/?page=2>; rel="last"; title="next"', None),
        ('<https://x/?page=2>; rel="nextish"', None),
        ("page=2", None),
        ("", None),
        ("rel=" * 30_000, None),
        ("<a>; " + "rel=" * 30_000, None),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_next_link_is_found_in_every_form_that_the_standard_allows(header: str, page: str | None) -> None:
    after = LinkPages().after(Answer(Request("/changes"), "", 200, {"link": header}, []))
    assert (after and after["page"]) == page


def test_a_page_repeated_for_ever_is_asked_for_twice() -> None:
    def answering(asked: Asked) -> Reply:
        page = int(asked.query.get("page", 1))
        return Told(["same"], headers={"link": f'<{ELSEWHERE}?page={page + 1}>; rel="next"'})

    pages, _ = walked(answering, LinkPages())
    assert pages == [["same"], ["same"]]


def test_a_next_link_that_leads_back_is_the_end() -> None:
    calls: list[int] = []

    def answering(asked: Asked) -> Reply:
        calls.append(int(asked.query.get("page", 1)))
        return Told([calls], headers={"link": f'<{ELSEWHERE}?page={calls[-1] % 3 + 1}>; rel="next"'})

    walked(answering, LinkPages())
    assert calls == [1, 2, 3, 1]


def test_next_links_that_never_end_are_told_and_what_was_read_has_been_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MOST_PAGES", 20)

    def answering(asked: Asked) -> Reply:
        page = int(asked.query.get("page", 1))
        return Told([page], headers={"link": f'<{ELSEWHERE}?page={page + 1}>; rel="next"'})

    with asking(answering) as (client, server):
        walk = client.pages(Request("/changes"), LinkPages())
        seen = [next(walk).body for _ in range(21)]
        assert seen == [[number] for number in range(1, 22)]
        with pytest.raises(SourceUnavailable, match=r"/changes has more than 20 pages. Narrow what is collected"):
            next(walk)
        assert len(server.log) == 21


def shrinking(items: list[int], paginator_size: int, at: int, gone: Callable[[int], bool]) -> Answering:
    """A list of numbered pages with a total, from which items go when page ``at`` is asked for the first time."""
    left = list(items)

    def answering(asked: Asked) -> Reply:
        page = int(asked.query.get("page", 1))
        if page == at:
            left[:] = [item for item in left if not gone(item)]
        shown = left[(page - 1) * paginator_size : page * paginator_size]
        return Told(shown, headers={"x-total-count": str(len(left))})

    return answering


@pytest.mark.parametrize("at", [2, 3, 4])
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("uncapped", [True, False])
def test_a_list_that_shrinks_meanwhile_loses_nothing_that_is_left(at: int, count: int, *, uncapped: bool) -> None:
    server = shrinking(list(range(12)), 3, at, lambda item: item < count)
    pages, _ = walked(server, NumberedPages(3, uncapped=uncapped))
    assert {item for page in pages for item in page} >= set(range(count, 12))
    assert len(pages) <= 7


def test_a_list_that_shrinks_by_several_pages_loses_nothing_that_is_left() -> None:
    pages, _ = walked(shrinking(list(range(20)), 2, 6, lambda item: item < 7), NumberedPages(2))
    assert {item for page in pages for item in page} >= set(range(7, 20))


def test_a_list_that_shrinks_for_ever_is_walked_to_an_end() -> None:
    total = [1000]

    def answering(asked: Asked) -> Reply:
        total[0] -= 1
        page = int(asked.query.get("page", 1))
        return Told([page * 100 + total[0]] if page < 5 else [], headers={"x-total-count": str(total[0])})

    pages, _ = walked(answering, NumberedPages(1))
    assert len(pages) < 20


def test_a_list_that_grows_meanwhile_ends_too() -> None:
    items = list(range(4))

    def answering(asked: Asked) -> Reply:
        page = int(asked.query.get("page", 1))
        if len(items) < 8:
            items.append(len(items))
        return Told(items[(page - 1) * 2 : page * 2], headers={"x-total-count": str(len(items))})

    pages, _ = walked(answering, NumberedPages(2))
    assert [item for page in pages for item in page] == list(range(8))


def test_numbered_pages_go_on_although_a_server_gives_fewer_than_asked_while_its_total_says_so() -> None:
    def answering(asked: Asked) -> Reply:
        page = int(asked.query["page"])
        return Told(list(range(10))[(page - 1) * 4 : page * 4], headers={"x-total-count": "10"})

    pages, server = walked(answering, NumberedPages(50))
    assert pages[:3] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert {asked.query["limit"] for asked in server.log} == {"50"}


@pytest.mark.parametrize("count", [0, 1, 3, 4, 9, 10])
def test_numbered_pages_of_a_size_that_the_server_gives_cost_no_request_behind_the_last(count: int) -> None:
    def answering(asked: Asked) -> Reply:
        page = int(asked.query["page"])
        return Told(list(range(count))[(page - 1) * 4 : page * 4], headers={"x-total-count": str(count)})

    pages, _ = walked(answering, NumberedPages(4, uncapped=True))
    assert [item for page in pages for item in page] == list(range(count))
    assert len(pages) == max(-(-count // 4), 1)


@pytest.mark.parametrize("count", [0, 1, 2, 4, 5])
def test_numbered_pages_without_a_total_end_with_a_short_one(count: int) -> None:
    def answering(asked: Asked) -> Reply:
        page = int(asked.query["page"])
        return Told({"values": list(range(count))[(page - 1) * 2 : page * 2]})

    pages, _ = walked(answering, NumberedPages(2, items="values"))
    assert [item for page in pages for item in page["values"]] == list(range(count))


def test_tokens_are_given_back_until_there_is_none() -> None:
    following: dict[str | None, object] = {None: "a", "a": 7, "7": ""}

    def answering(asked: Asked) -> Reply:
        return Told(
            {"items": [asked.query.get("cursor")], "pageInfo": {"nextCursor": following[asked.query.get("cursor")]}}
        )

    pages, server = walked(answering, TokenPages("cursor", "pageInfo.nextCursor", 20))
    assert [page["items"] for page in pages] == [[None], ["a"], ["7"]]
    assert {asked.query["limit"] for asked in server.log} == {"20"}


@pytest.mark.parametrize("body", [None, [], "text", {}, {"next": None}, {"next": True}, {"next": {"a": 1}}])
def test_what_is_no_token_is_the_end(body: object) -> None:
    assert TokenPages("cursor", "next").after(Answer(Request("/"), "", 200, {}, body)) is None


def test_the_same_token_for_ever_is_the_end() -> None:
    calls: list[int] = []

    def answering(_: Asked) -> Reply:
        calls.append(len(calls))
        return Told({"items": calls, "next": "again"})

    assert len(walked(answering, TokenPages("cursor", "next"))[0]) == 2


@pytest.mark.parametrize("told", [True, False])
def test_offsets_go_on_behind_what_the_page_held(told: bool) -> None:  # noqa: FBT001 - a parameter of the test
    def answering(asked: Asked) -> Reply:
        begin, size = int(asked.query["offset"]), int(asked.query["limit"])
        shown = list(range(5))[begin : begin + size]
        return Told({"incidents": shown, **({"more": begin + size < 5} if told else {})})

    pages, _ = walked(answering, OffsetPages("incidents", 2, more="more"))
    assert [page["incidents"] for page in pages] == [[0, 1], [2, 3], [4]]


def test_more_that_never_comes_is_the_end() -> None:
    pages, _ = walked(lambda _: Told({"incidents": [], "more": True}), OffsetPages("incidents", more="more"))
    assert len(pages) == 1


def test_a_first_page_that_has_not_changed_is_the_only_one() -> None:
    def answering(asked: Asked) -> Reply:
        same = asked.headers.get("if-none-match") == '"1"'
        return Told(None, 304) if same else link_pages(range(4))(asked)

    pages, server = walked(answering, LinkPages(2), Request("/changes", etag='"1"'))
    assert (pages, len(server.log)) == ([None], 1)


def test_the_etag_of_the_first_page_is_not_sent_for_another() -> None:
    def answering(asked: Asked) -> Reply:
        if "page" in asked.query and "if-none-match" in asked.headers:
            return Told(None, 304)
        return link_pages(range(6))(asked)

    pages, server = walked(answering, LinkPages(2), Request("/changes", etag='"list-1"'))
    assert pages == [[0, 1], [2, 3], [4, 5]]
    assert ["if-none-match" in asked.headers for asked in server.log] == [True, False, False]


@pytest.mark.parametrize(
    ("headers", "body", "total"),
    [
        ({"x-total-count": "12"}, [], 12),
        ({"x-total": "3"}, {"total_count": 4}, 3),
        ({"x-total": ""}, {"total_count": 4}, 4),
        ({}, {"total": 9}, 9),
        ({}, {"totalResults": 0}, 0),
        ({}, {"total": True}, None),
        ({}, {"total": "many"}, None),
        ({}, [], None),
    ],
)
def test_a_total_is_read_where_servers_write_it(headers: dict[str, str], body: object, total: int | None) -> None:
    assert total_of(Answer(Request("/"), "", 200, headers, body)) == total
