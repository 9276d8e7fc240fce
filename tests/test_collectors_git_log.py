from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.git.log import (
    BOT,
    MARK,
    Unreadable,
    commit_times,
    instant,
    parse_commit,
    parse_counts,
    parse_trailers,
    split_records,
    stamp,
)

SHA, TREE, PARENT = "a" * 40, "b" * 40, "c" * 40


def record(
    *, header: bytes = b"", name: bytes = b"Ada", email: bytes = b"ada@x", body: bytes = b"m\n", rest: bytes = b""
) -> bytes:
    first = header or f"{SHA} {TREE} 1700000000 1700003600 {PARENT}".encode()
    return b"\n".join([first, name, email, b"", body]) + b"\0" + rest


@given(st.lists(st.binary(min_size=1, max_size=40).filter(lambda it: b"\0" not in it), min_size=1), st.data())
def test_records_come_out_whole_however_the_stream_is_cut(bodies: list[bytes], data: st.DataObject) -> None:
    records = [SHA.encode() + b" " + body + b"\0" for body in bodies]
    whole = b"".join(MARK + each for each in records)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    chunks = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert [each for batch in split_records(chunks) for each in batch] == records


def test_a_plain_commit_has_its_lines_and_files() -> None:
    fields = parse_commit(record(rest=b"\0\n3\t1\tsrc/a.py\0-\t-\tlogo.png\0"))
    assert fields == {
        "sha": SHA,
        "tree_sha": TREE,
        "parents": [PARENT],
        "author": "ada@x",
        "authored_at": datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        "committed_at": datetime(2023, 11, 14, 23, 13, 20, tzinfo=UTC),
        "additions": 3,
        "deletions": 1,
        "files": 2,
        "file_changes": [{"path": "src/a.py", "additions": 3, "deletions": 1}, {"path": "logo.png"}],
    }


def test_a_merge_has_no_counts_and_an_uncounted_commit_neither() -> None:
    merge = record(header=f"{SHA} {TREE} 1 2 {PARENT} {SHA}".encode())
    assert "files" not in parse_commit(merge)
    assert "files" not in parse_commit(record(), counted=False)


def test_an_empty_commit_changes_nothing_and_that_is_known() -> None:
    assert parse_commit(record(rest=b"\0"))["files"] == 0


@pytest.mark.parametrize("path", [b"tab\there", b"line\nbreak", b'quo"te', b"-dash", b" \x02 "])
def test_a_path_keeps_every_character(path: bytes) -> None:
    assert parse_counts(b"\0\n1\t0\t" + path + b"\0")["file_changes"][0]["path"] == path.decode()


def test_bytes_that_are_no_utf_8_are_shown_as_replaced() -> None:
    assert parse_counts(b"\0\n1\t0\tcaf\xe9\0")["file_changes"][0]["path"] == "caf\ufffd"
    assert parse_commit(record(email=b"", name=b"J\xf6rg"))["author"] == "J\ufffdrg"


def test_an_author_without_e_mail_goes_by_name_and_without_either_is_unknown() -> None:
    assert parse_commit(record(email=b""))["author"] == "Ada"
    assert parse_commit(record(email=b"", name=b""))["author"] is None


@pytest.mark.parametrize(
    "name",
    [
        "dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", "renovate-bot", "renovate[bot]",
        "github-actions", "snyk-bot@snyk.io", "bot@renovateapp.com", "acme_robot", "pre-commit-ci",
    ],
)  # fmt: skip
def test_bots_are_told_by_name_or_e_mail(name: str) -> None:
    assert BOT.search(name)


@pytest.mark.parametrize("name", ["Ada", "Jean Abbot", "Talia Bot", "abbot@x.org", "Renovater", "robotics@x.org"])
def test_people_are_not_taken_for_bots(name: str) -> None:
    assert not BOT.search(name)


def test_a_time_beyond_the_calendar_is_replaced_by_the_other() -> None:
    known = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert commit_times("9999999999999999", "1700000000") == {"authored_at": known, "committed_at": known}
    assert commit_times("1700000000", "") == {"authored_at": known, "committed_at": known}


def test_without_any_time_a_commit_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="years 1 to 9999"):
        commit_times("", "99999999999999999999")


def test_the_first_second_of_1970_is_a_time() -> None:
    assert commit_times("0", "5") == {
        "authored_at": datetime(1970, 1, 1, tzinfo=UTC),
        "committed_at": datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC),
    }


def test_seconds_before_1970_are_a_time() -> None:
    assert instant("-86400") == datetime(1969, 12, 31, tzinfo=UTC)


def test_trailers_gather_under_their_lower_case_name() -> None:
    raw = b"Co-authored-by\x1fBea <b@x>\x1eSigned-off-by\x1fAda\x1eCO-AUTHORED-BY\x1fCy <c@x>"
    assert parse_trailers(raw) == {"co-authored-by": ["Bea <b@x>", "Cy <c@x>"], "signed-off-by": ["Ada"]}


def test_a_revert_names_the_commit_it_undoes() -> None:
    body = b'Revert "x"\n\nThis reverts commit ' + PARENT.encode() + b", reversing\nchanges made to d00d.\n"
    assert parse_commit(record(body=body))["reverts"] == PARENT


def test_a_revert_that_is_only_talked_about_is_none() -> None:
    assert "reverts" not in parse_commit(record(body=b"x\n\nIt is not that This reverts commit abcdef0.\n"))


def test_the_stamp_is_read_from_the_headers_only() -> None:
    tag = b"object aa\ntype commit\ntag v1\ntagger A <a> 60 +0100\n\ntagger B <b> 120 +0000\n"
    assert stamp(tag, "tagger") == datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    assert stamp(b"object aa\ntype commit\n\ntagger B <b> 120 +0000\n", "tagger") is None
