import csv
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tribometer.errors import UsageError
from tribometer.service.delivery import LinkRow, write_links

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
ROWS = [
    LinkRow("ann@example.org", "blue", NOON, "https://t.example.org/s/1"),
    LinkRow("bob", "red", NOON, "https://t.example.org/s/2"),
]


def read(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_a_file_of_links_has_a_line_for_each_and_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    path.write_text("an older one")
    path.chmod(0o644)
    assert write_links(path, ROWS) == 2
    assert read(path) == [
        ["address", "team", "opens_at", "link"],
        *([row.address, row.team, "2026-02-01T12:00:00Z", row.link] for row in ROWS),
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["links.csv"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1"])
def test_no_cell_is_computed_by_a_spreadsheet(cell: str, tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    write_links(path, [LinkRow(cell, cell, NOON, "https://t.example.org/s/1")])
    assert read(path)[1][:2] == [f"'{cell}", f"'{cell}"]


def test_a_folder_that_is_not_there_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Name a file in a folder"):
        write_links(tmp_path / "nowhere" / "links.csv", ROWS)
    assert list(tmp_path.iterdir()) == []


def test_what_fails_in_the_middle_leaves_the_older_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    write_links(path, ROWS)

    def broken() -> object:
        yield ROWS[0]
        raise UsageError("no link")

    with pytest.raises(UsageError, match="no link"):
        write_links(path, broken())  # type: ignore[arg-type]
    assert len(read(path)) == 3
    assert [each.name for each in tmp_path.iterdir()] == ["links.csv"]
