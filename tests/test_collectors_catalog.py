"""The catalog file: what its rows mean, what is refused, and what becomes of owners when it changes."""

import json
from pathlib import Path

import pytest

from collectors import build
from collectors.sync import run
from file_sources import MAY, FileSource, owners, plain
from tribometer.errors import SourceGone, SourceMissing
from tribometer.store import EventStore

CSV = """\
service,team,repository,paths,kind,tier,template,created_at,archived_at,parent,timezone,holidays,headcount
checkout,payments,acme/shop,services/checkout/; lib/money/,Deployable,1,service-go,2026-01-05,,,,,
money,payments,acme/shop,lib/money/,library,,,2026-01-05T10:00:00+02:00,2026-04-01,,,,
,platform,acme/infra,,,,,,,,,,
,payments,,,,,,,,engineering,Europe/Berlin,DE,7
"""


@pytest.fixture
def catalog(tmp_path: Path) -> FileSource:
    return FileSource("catalog", tmp_path / "catalog.csv")


@pytest.fixture
def json_catalog(tmp_path: Path) -> FileSource:
    return FileSource("catalog", tmp_path / "catalog.json")


def test_rows_are_services_teams_and_owners(catalog: FileSource) -> None:
    page = catalog.collect(CSV)
    assert plain(page) == [
        {"type": "service", "id": "checkout", "name": "checkout", "repository": "acme/shop",
         "paths": ["services/checkout/", "lib/money/"], "kind": "deployable", "tier": "1", "template": "service-go",
         "created_at": "2026-01-05T00:00:00Z", "archived_at": None},
        {"type": "service", "id": "money", "name": "money", "repository": "acme/shop", "paths": ["lib/money/"],
         "kind": "library", "tier": None, "template": None,
         "created_at": "2026-01-05T08:00:00Z", "archived_at": "2026-04-01T00:00:00Z"},
        {"type": "team", "id": "payments", "parent": "engineering", "timezone": "Europe/Berlin", "holidays": "DE",
         "headcount": 7},
        {"type": "ownership", "id": "service/checkout/payments", "team": "payments", "service": "checkout",
         "valid_to": None},
        {"type": "ownership", "id": "service/money/payments", "team": "payments", "service": "money",
         "valid_to": None},
        {"type": "ownership", "id": "repository/acme/infra/platform", "team": "platform", "repository": "acme/infra",
         "valid_to": None},
    ]  # fmt: skip
    assert {event.source for event in page.events} == {"catalog:catalog.csv"}
    assert (list(page.rejected), list(page.remarks)) == ([], [])


def test_headers_are_read_whatever_their_case_and_order(catalog: FileSource) -> None:
    page = catalog.collect("\ufeff TEAM ,Service\r\npayments,checkout\r\n")
    assert [each["id"] for each in plain(page)] == ["checkout", "service/checkout/payments"]


def test_an_unknown_column_is_remarked_with_what_may_have_been_meant(catalog: FileSource) -> None:
    page = catalog.collect("service,teem,colour\ncheckout,payments,red\n")
    first, second = page.remarks
    assert first.what == "the column 'teem' is not read"
    assert first.do.endswith("did you mean 'team'?")
    assert "known are service, team" in second.do
    assert "teem" not in plain(page)[0]


def test_a_bad_row_is_kept_with_its_line_and_the_rest_lands(catalog: FileSource) -> None:
    page = catalog.collect(
        "service,team,kind,created_at\n"
        "checkout,payments,deployable,05.01.2026\n"
        "\n"
        "search,search,service,\n"
        "till,tills,,2026-01-05\n"
        ",,library,\n"
        'a,"b\n'
    )
    assert [each["id"] for each in plain(page)] == ["till", "service/till/tills"]
    assert sorted(each.line or 0 for each in page.rejected) == [2, 4, 6, 7]
    about = {each.line: each for each in page.rejected}
    assert about[2].reason.startswith("created_at: no date; write it year first like 2026-01-31")
    assert "service=checkout" in about[2].content
    assert "deployable" in about[4].reason
    assert "names no service" in about[6].reason
    assert "quote" in about[7].reason


def test_a_row_with_too_many_cells_is_refused(catalog: FileSource) -> None:
    page = catalog.collect("service,team\ncheckout,payments,oops\nshop,a\n")
    assert [(each.line, each.reason) for each in page.rejected] == [
        (2, "has 3 cells, the header 2; put quotes around a cell with ',' in it")
    ]
    assert [each["id"] for each in plain(page)] == ["shop", "service/shop/a"]


def test_empty_cells_behind_the_last_column_are_none(catalog: FileSource) -> None:
    page = catalog.collect("service;team\nshop;a;; ;\n")
    assert (list(page.rejected), [each["id"] for each in plain(page)]) == ([], ["shop", "service/shop/a"])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            ",platform,,,Europe/Berln",
            "timezone: 'Europe/Berln' is no time zone of the IANA database, like Europe/Berlin",
        ),
        ("shop,,2026-02-01,2026-01-31,", "archived_at: lies before created_at; correct one of the two"),
    ],
)
def test_what_nobody_can_mean_is_refused(row: str, reason: str, catalog: FileSource) -> None:
    page = catalog.collect(f"service,team,created_at,archived_at,timezone\n{row}\ntill,,,,\n")
    assert [(each.line, each.reason) for each in page.rejected] == [(2, reason)]
    assert [each["id"] for each in plain(page)] == ["till"]


def test_what_nobody_can_mean_is_refused_in_json_too(json_catalog: FileSource) -> None:
    spans = {"valid_from": "2026-02-01", "valid_to": "2026-01-31"}
    claim = {"type": "ownership", "id": "1", "team": "a", "service": "shop", **spans}
    page = json_catalog.collect(json.dumps([claim, {"type": "service", "id": "s", "name": "s", "created_at": "May 1"}]))
    order, date = [each.reason for each in page.rejected]
    assert order == "[0]: valid_to: lies before valid_from; correct one of the two"
    assert date.startswith("[1]: created_at: no date; write it year first like 2026-01-31, or with a time")


def test_two_rows_of_one_service_give_it_two_owners_and_one_event(catalog: FileSource) -> None:
    page = catalog.collect("service,team,tier\nshop,a,1\nshop,b,\n")
    assert [each for each in plain(page) if each["type"] == "service"] == [
        {"type": "service", "id": "shop", "name": "shop", "tier": "1"}
    ]
    assert set(owners(page)) == {"service/shop/a", "service/shop/b"}


def test_an_unchanged_file_lands_nothing_and_keeps_its_remarks(catalog: FileSource) -> None:
    first = catalog.collect("service,team,colour\nshop,a,red\n")
    again = catalog.collect()
    assert (list(again.events), again.cursor, again.remarks) == ([], first.cursor, first.remarks)


def test_a_changed_team_ends_the_old_ownership_and_begins_the_new(catalog: FileSource) -> None:
    catalog.collect("service,team\nshop,a\n")
    page = catalog.collect("service,team\nshop,b\n")
    assert owners(page) == {
        "service/shop/a": (None, catalog.now),
        "service/shop/b@2026-05-01T10:00:00+00:00": (catalog.now, None),
    }


def test_a_removed_service_loses_its_owner_and_nothing_else(catalog: FileSource) -> None:
    catalog.collect("service,team\nshop,a\ntill,a\n")
    page = catalog.collect("service,team\nshop,a\n")
    assert owners(page) == {"service/till/a": (None, catalog.now)}
    assert [each["id"] for each in plain(page) if each["type"] == "service"] == ["shop"]


def test_a_file_with_a_bad_row_ends_no_ownership(catalog: FileSource) -> None:
    catalog.collect("service,team,kind\nshop,a,\ntill,a,\n")
    broken = catalog.collect("service,team,kind\nshop,a,\ntill,a,nonsense\n")
    assert owners(broken) == {}
    assert set(owners(catalog.collect("service,team,kind\nshop,a,\n"))) == {"service/till/a"}


def test_an_emptied_file_ends_no_ownership_and_says_so(catalog: FileSource) -> None:
    catalog.collect("service,team\nshop,a\n")
    page = catalog.collect("service,team\n")
    assert list(page.events) == []
    assert "names no service" in page.remarks[0].what


def test_a_cleared_cell_clears_what_it_said(tmp_path: Path) -> None:
    path = tmp_path / "catalog.csv"
    source = build({"kind": "catalog", "file": str(path)}, origin="test.toml", data=tmp_path)
    with EventStore.open(tmp_path / "data") as store:
        for archived in ("2026-01-01", ""):
            path.write_text(f"service,team,archived_at\nshop,a,{archived}\n")
            assert run(source, store).error is None
        with store.reader() as reader:
            assert reader.rows("SELECT name, archived_at FROM services") == [("shop", None)]
            assert reader.rows("SELECT team, valid_from, valid_to FROM ownerships") == [("a", None, None)]


def test_json_says_the_same_as_csv(json_catalog: FileSource) -> None:
    page = json_catalog.collect(
        json.dumps(
            {
                "teams": [{"id": "payments", "name": "Payments", "parent": "engineering", "headcount": 7}],
                "repositories": [{"name": "acme/infra", "team": "platform", "default_branch": "main"}],
                "services": [
                    {"name": "checkout", "team": ["payments", "risk"], "paths": ["a/"], "created_at": "2026-01-05"}
                ],
            }
        )
    )
    assert plain(page)[:3] == [
        {"type": "team", "id": "payments", "name": "Payments", "parent": "engineering", "headcount": 7},
        {"type": "repository", "id": "acme/infra", "name": "acme/infra", "default_branch": "main"},
        {"type": "service", "id": "checkout", "name": "checkout", "paths": ["a/"],
         "created_at": "2026-01-05T00:00:00Z"},
    ]  # fmt: skip
    assert set(owners(page)) == {
        "repository/acme/infra/platform", "service/checkout/payments", "service/checkout/risk",
    }  # fmt: skip


def test_json_events_land_as_the_file_says_with_their_own_dates(json_catalog: FileSource) -> None:
    claim = {"type": "ownership", "id": "1", "team": "a", "service": "shop", "valid_from": "2026-01-01"}
    events = [
        claim,
        {"type": "service", "id": "shop", "name": "shop", "source": "elsewhere"},
        {"type": "run"},
        3,
        {"type": []},
    ]
    page = json_catalog.collect(json.dumps(events))
    assert plain(page) == [
        {"type": "ownership", "id": "1", "team": "a", "service": "shop", "valid_from": "2026-01-01T00:00:00Z"},
        {"type": "service", "id": "shop", "name": "shop"},
    ]
    assert {event.source for event in page.events} == {"catalog:catalog.json"}
    assert [each.reason.partition(":")[0] for each in page.rejected] == ["[2]", "[3]", "[4]"]
    assert "'run'" in page.rejected[0].reason


def test_an_object_that_does_not_fit_is_refused_whole(json_catalog: FileSource) -> None:
    page = json_catalog.collect('{"services": [{"team": "a"}, {"name": "shop", "team": 3}, {"name": "till"}]}')
    assert [each["id"] for each in plain(page)] == ["till"]
    assert [each.reason.partition(":")[0] for each in page.rejected] == ["services[0]", "services[1]"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("c.csv", b"", "it is empty; its first line names columns, some of service, team"),
        ("c.csv", b"a;b\n1;2\n", "names none of the columns service, team.* separated by commas or semicolons"),
        ("c.csv", b"Service,team,service \n1,2,3\n", "names the column 'service' twice"),
        ("c.csv", b"service\nsh\xfcp\n", "line 2: not UTF-8 at byte 3 of the line. Save the file as UTF-8, in Excel"),
        ("c.json", b"{", "c.json: Expecting"),
        ("c.json", b"3", "no catalog"),
        ("c.json", b"[" * 100_000, "recursion"),
        ("c.json", b'{"service": []}', "no catalog"),
        ("c.json", b'{"services": {}}', "'services' is no list"),
    ],
)
def test_a_file_that_is_no_catalog_is_an_error_that_names_it(
    name: str, content: bytes, words: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceGone, match=words) as caught:
        FileSource("catalog", path).collect()
    assert str(path) in str(caught.value)


def test_a_missing_file_says_where_to_put_it(catalog: FileSource) -> None:
    with pytest.raises(SourceMissing, match="Put the file there, or correct `file`"):
        catalog.collect()


def test_a_collector_says_what_it_is_and_where_it_stands(catalog: FileSource) -> None:
    page = catalog.collect("service,team\nshop,a\n")
    source = catalog.collector()
    assert (source.name, source.kind, source.position(page.cursor)) == ("catalog:catalog.csv", "catalog", "1 owner")
    assert source.starting(MAY) == {}
    assert FileSource("catalog", catalog.path, {"name": "acme"}).collector().name == "catalog:acme"


@pytest.mark.parametrize(
    ("word", "hint"), [("de", "did you mean 'DE'?"), ("Germany", "write its ISO 3166 code, like DE"), ("XX", "like DE")]
)
def test_a_country_whose_holidays_nobody_knows_is_refused_with_what_to_write(
    catalog: FileSource, word: str, hint: str
) -> None:
    page = catalog.collect(f"team,holidays\npayments,{word}\nplatform,DE\n")
    assert [each["id"] for each in plain(page)] == ["platform"]
    [refused] = page.rejected
    assert refused.line == 2
    assert refused.reason.startswith(f"holidays: '{word}' is no country")
    assert refused.reason.endswith(hint)
