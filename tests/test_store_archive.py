"""What a backup file holds, and which files are refused."""

import json
import stat
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tribometer.errors import UsageError
from tribometer.store.archive import FORMAT, MANIFEST, unpack_archive, write_archive

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "a").write_bytes(b"one" * 1_000_000)
    (tmp_path / "b").write_bytes(b"")
    write_archive(tmp_path / "backup.zip", {"a": tmp_path / "a", "b": tmp_path / "b"}, NOW)
    return tmp_path / "backup.zip"


def rewritten(archive: Path, **manifest: object) -> Path:
    """Pack the members again under another manifest."""
    target = archive.with_name("changed.zip")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(target, "w") as new:
        told = json.loads(old.read(MANIFEST)) | manifest
        for name in old.namelist():
            new.writestr(name, json.dumps(told) if name == MANIFEST else old.read(name))
    return target


def test_what_was_packed_comes_out_again(archive: Path, tmp_path: Path) -> None:
    told = unpack_archive(archive, tmp_path / "out")
    assert told["made_at"] == NOW.isoformat()
    assert (tmp_path / "out/a").read_bytes() == b"one" * 1_000_000
    assert (tmp_path / "out/b").read_bytes() == b""


def test_only_its_owner_may_read_a_backup_and_what_comes_out_of_it(archive: Path, tmp_path: Path) -> None:
    unpack_archive(archive, tmp_path / "out")
    places = (archive, tmp_path / "out/a")
    assert [stat.S_IMODE(path.stat().st_mode) for path in places] == [0o600, 0o600]
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700


def test_a_backup_is_never_overwritten(archive: Path, tmp_path: Path) -> None:
    before = archive.read_bytes()
    with pytest.raises(UsageError, match="exists already"):
        write_archive(archive, {"a": tmp_path / "a"}, NOW)
    assert archive.read_bytes() == before


def test_a_backup_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Name a file in a folder that exists"):
        write_archive(tmp_path / "nowhere" / "backup.zip", {}, NOW)
    with pytest.raises(UsageError, match="missing"):
        write_archive(tmp_path / "backup.zip", {"a": tmp_path / "missing"}, NOW)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", [0, 10, 1000, -30])
def test_a_file_that_was_cut_off_is_refused(archive: Path, tmp_path: Path, cut: int) -> None:
    archive.write_bytes(archive.read_bytes()[:cut])
    with pytest.raises(UsageError, match="damaged or no backup"):
        unpack_archive(archive, tmp_path / "out")


def test_a_flipped_byte_is_found(archive: Path, tmp_path: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[60] ^= 1
    archive.write_bytes(content)
    with pytest.raises(UsageError, match="damaged or no backup"):
        unpack_archive(archive, tmp_path / "out")


def test_content_that_is_not_what_the_manifest_says_is_found(archive: Path, tmp_path: Path) -> None:
    changed = rewritten(archive, members={"a": {"bytes": 3, "sha256": "0"}})
    with pytest.raises(UsageError, match="a is not what was packed"):
        unpack_archive(changed, tmp_path / "out")


def test_a_newer_format_says_which_version_made_it(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"made by Tribometer 9\.9.*Restore it with that version"):
        unpack_archive(rewritten(archive, format=FORMAT + 1, version="9.9"), tmp_path / "out")


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "..", "a/b", ""])
def test_a_member_outside_of_its_folder_is_refused(archive: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="outside of its folder"):
        unpack_archive(rewritten(archive, members={name: {"bytes": 0, "sha256": ""}}), tmp_path / "out")
    assert not (tmp_path / "evil").exists()


def test_another_zip_and_a_file_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("readme", "hello")
    with pytest.raises(UsageError, match="no backup of Tribometer"):
        unpack_archive(tmp_path / "other.zip", tmp_path / "out")
    with pytest.raises(UsageError, match="Name the file of a backup"):
        unpack_archive(tmp_path / "missing.zip", tmp_path / "out")
