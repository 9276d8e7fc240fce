"""Sources on the Data health page: families folded, collections that go on, and what credentials allow."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dashboards.health_families import families, part_row
from dashboards.health_live import details, headline, waiting
from dashboards.health_sources import Collection, CredentialHealth, PermissionHealth
from page_reader import NOW
from test_dashboards_data_health import page, tables, told
from written_keeper import SOURCE, WrittenKeeper, report

ACME = replace(SOURCE, name="github:acme", kind="github")
GOING = Collection(
    source="github:acme",
    since=NOW - timedelta(minutes=2),
    events=12_340,
    expected=None,
    requests=123,
    quota_left=4877,
    quota_resets_at=NOW + timedelta(hours=1),
    parts=34,
    part="github:acme/shop",
    waiting_until=None,
)
PARTS = tuple(
    replace(ACME, name=f"github:acme/{number:03}", family="github:acme", age_seconds=60.0 * number)
    for number in range(500)
)
FAILED = replace(PARTS[7], last_error="github:acme/007: no access")


def test_hundreds_of_parts_are_one_row_that_says_how_many_fail_and_how_old_the_oldest_is() -> None:
    sources = (ACME, *PARTS[:7], FAILED, *PARTS[8:])
    [family] = families(sources)
    row = family.row(NOW)
    assert (row["Source"], row["State"]) == (r"github\:acme (500 parts)", "fresh, 1 of 500 parts failing")
    assert row["Last success"] == "1 min 30 s ago; oldest part 8 h 19 min ago"
    shown = page(WrittenKeeper(report(sources=sources)))
    assert len(shown.table[0].value) == 1
    [listed] = [each.value for each in shown.dataframe if "Part" in each.value]
    assert (len(listed), listed["Part"].iloc[0]) == (500, "github:acme/007")
    assert shown.selectbox[0].options == ["github:acme"]


def test_a_part_that_left_is_listed_but_counts_as_no_part_and_a_part_alone_stands_for_itself() -> None:
    left = replace(PARTS[1], left=True, stale=True, age_seconds=9e6)
    [family] = families((ACME, PARTS[0], left))
    assert family.row(NOW)["Source"].endswith("(1 part)")
    assert "oldest part just now" in family.row(NOW)["Last success"]
    assert part_row(left)["State"] == "left"
    assert [each.source.name for each in families((PARTS[3],))] == ["github:acme/003"]


def test_the_oldest_part_may_be_one_that_was_never_read() -> None:
    [family] = families((ACME, PARTS[0], replace(PARTS[1], age_seconds=None)))
    assert family.row(NOW)["Last success"].endswith("oldest part never read")


def test_a_collection_that_goes_on_says_how_far_it_is() -> None:
    shown = told(page(WrittenKeeper(going=(GOING,))))
    assert headline(GOING, NOW) in shown
    assert "(2 min)" in headline(GOING, NOW)
    assert details(GOING) == (
        "12,340 events · 123 requests · 4,877 more allowed until "
        f"{NOW + timedelta(hours=1):%H:%M} UTC · 34 parts so far, the last github\\:acme/shop"
    )
    whole = replace(GOING, parts=12, parts_known=100)
    assert details(whole).endswith(" · 12 of 100 parts, the last github\\:acme/shop")
    assert details(replace(whole, part=None)).endswith(" · 12 of 100 parts")
    bare = replace(GOING, part=None, parts=0, quota_left=None, expected=20_000, requests=1)
    assert details(bare) == "12,340 of 20,000 events · 1 request"


@pytest.mark.parametrize(("seconds", "told_of"), [(3600, True), (2, False)])
def test_a_wait_for_a_limit_is_told_and_a_short_one_for_a_server_that_stumbled_is_not(
    seconds: int, *, told_of: bool
) -> None:
    late = replace(GOING, waiting_until=NOW + timedelta(seconds=seconds))
    assert (waiting(late, NOW) is not None) is told_of
    shown = page(WrittenKeeper(going=(late,)))
    assert any("allows no request until" in each.value for each in shown.warning) is told_of


def test_credentials_are_tried_by_a_click_only() -> None:
    keeper = WrittenKeeper()
    shown = page(keeper)
    assert "Credential of" not in tables(shown)
    shown.button(key="check").click().run()
    assert keeper.asked == [("check_credentials",)]


def test_what_a_credential_allows_is_told_with_the_fix_of_what_it_does_not() -> None:
    allowed = PermissionHealth("pull requests", granted=True, fix="")
    refused = PermissionHealth("deployments", granted=False, fix="Grant deployments:read")
    credentials = (
        CredentialHealth("github:acme", (allowed, refused), None),
        CredentialHealth("github:other", (), "no answer"),
        CredentialHealth("github:third", (allowed,), None),
    )
    shown = tables(page(WrittenKeeper(report(credentials=credentials)))).replace("\\", "")
    assert "deployments: Grant deployments:read" in shown
    assert "no answer" in shown
    assert "nothing is missing" in shown
