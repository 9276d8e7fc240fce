"""Ownership dated by looking: what begins, what ends, and what is left alone."""

from datetime import UTC, datetime
from typing import Any

from collectors.ownership import Said, dated
from tribometer.events import Ownership

MAY = datetime(2026, 5, 1, 9, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, 9, tzinfo=UTC)
JULY = datetime(2026, 7, 1, 9, tzinfo=UTC)


def claim(service: str, team: str) -> Ownership:
    return Ownership(source="catalog:c.csv", id=f"service/{service}/{team}", team=team, service=service)


def looked(said: Said, at: datetime, *claims: Ownership, whole: bool = True) -> tuple[dict[str, Any], Said]:
    events, said = dated(claims, said, source="catalog:c.csv", at=at, whole=whole)
    return {each.id: (each.valid_from, each.valid_to) for each in events}, said


def test_what_is_said_first_holds_since_ever() -> None:
    events, said = looked((), MAY, claim("shop", "a"), claim("shop", "b"))
    assert events == {"service/shop/a": (None, None), "service/shop/b": (None, None)}
    assert said[0] == {"id": "service/shop/a", "team": "a", "service": "shop"}


def test_what_is_said_again_is_no_event() -> None:
    _, said = looked((), MAY, claim("shop", "a"))
    assert looked(said, JUNE, claim("shop", "a")) == ({}, said)


def test_another_team_ends_the_old_claim_where_the_new_one_begins() -> None:
    _, said = looked((), MAY, claim("shop", "a"))
    events, said = looked(said, JUNE, claim("shop", "b"))
    assert events == {
        "service/shop/a": (None, JUNE),
        "service/shop/b@2026-06-01T09:00:00+00:00": (JUNE, None),
    }
    assert looked(said, JULY, claim("shop", "b"))[0] == {}


def test_a_team_that_comes_back_gets_another_span() -> None:
    _, said = looked((), MAY, claim("shop", "a"))
    _, said = looked(said, JUNE, claim("shop", "b"))
    events, said = looked(said, JULY, claim("shop", "a"))
    assert events == {
        "service/shop/b@2026-06-01T09:00:00+00:00": (JUNE, JULY),
        "service/shop/a@2026-07-01T09:00:00+00:00": (JULY, None),
    }
    assert [row.get("valid_to") for row in said] == ["2026-06-01T09:00:00Z", "2026-07-01T09:00:00Z", None]


def test_what_is_gone_ends_and_what_is_new_holds_since_ever() -> None:
    _, said = looked((), MAY, claim("shop", "a"))
    events, _ = looked(said, JUNE, claim("till", "a"))
    assert events == {"service/shop/a": (None, JUNE), "service/till/a": (None, None)}


def test_of_a_source_read_in_part_only_what_is_replaced_ends() -> None:
    _, said = looked((), MAY, claim("shop", "a"), claim("till", "a"))
    events, _ = looked(said, JUNE, claim("shop", "b"), whole=False)
    assert events == {
        "service/shop/a": (None, JUNE),
        "service/shop/b@2026-06-01T09:00:00+00:00": (JUNE, None),
    }


def test_an_event_that_ends_carries_what_it_is_about() -> None:
    _, said = looked((), MAY, claim("shop", "a"))
    (ended,), _ = dated((), said, source="catalog:c.csv", at=JUNE)
    assert ended.model_dump(exclude_unset=True) == {
        "source": "catalog:c.csv", "id": "service/shop/a", "team": "a", "service": "shop", "valid_to": JUNE,
    }  # fmt: skip
