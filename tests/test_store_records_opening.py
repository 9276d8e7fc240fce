"""Opening the record store: made, brought to date, refused, and said in words that hold no password."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from postgresql import Server
from tribometer.errors import ConfigurationError, StoreBusy, StoreError, StoreUnavailable, TribometerError
from tribometer.store.records import RecordStore
from tribometer.store.records.database import Database
from tribometer.store.records.location import FILE_NAME, Location
from tribometer.store.records.schema import FOLDER, REVISION, VERSION_TABLE, stored_revision
from tribometer.store.records.tables import JOBS_TABLE, Base

FREE_PORT = 9  # discard: nobody listens there
SECRET = "s3cret%40Wörd"  # noqa: S105 - what must not be shown


def said(error: TribometerError) -> str:
    """Return everything that the error and what caused it would print."""
    return f"{error} {error!r}"


def test_the_file_lies_in_the_data_folder_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        store = RecordStore.open(tmp_path / "data")
        store.audit.add("a", "b", "c")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "data").iterdir()}
    finally:
        os.umask(before)
    store.close()
    assert modes[FILE_NAME] == 0o600
    assert set(modes.values()) == {0o600}
    assert len(modes) == 3  # with WAL's two files


def test_sqlite_is_opened_with_wal_foreign_keys_and_patience(tmp_path: Path) -> None:
    store = RecordStore.open(tmp_path)
    with store.database.reading("looking") as session:
        found = [session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "foreign_keys", "busy_timeout")]
    store.close()
    assert found == ["wal", 1, 5000]


def test_the_migrations_make_exactly_the_tables_that_the_code_reads(records_url: str, tmp_path: Path) -> None:
    store = RecordStore.open(tmp_path, records_url)
    with store.database.engine.connect() as connection:
        options = {"compare_type": True, "include_name": lambda name, *_: name not in {JOBS_TABLE, VERSION_TABLE}}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    store.close()
    assert differences == []


def test_the_revision_in_the_code_is_the_last_of_a_single_line_of_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [REVISION]
    assert [int(each.revision) for each in script.walk_revisions()] == list(range(int(REVISION), 0, -1))


def test_opening_again_changes_nothing_and_needs_no_alembic(records_url: str, tmp_path: Path) -> None:
    first = RecordStore.open(tmp_path, records_url)
    first.audit.add("a", "b", "c")
    first.close()
    script = (
        "import sys\nfrom pathlib import Path\nfrom tribometer.store.records import RecordStore\n"
        "print(len(RecordStore.open(Path(), sys.argv[1]).audit.newest()), 'alembic' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script, records_url], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["1", "False"]


def test_several_that_open_an_empty_store_at_once_migrate_it_once(records_url: str, tmp_path: Path) -> None:
    problems: list[TribometerError] = []

    def open_and_close() -> None:
        try:
            RecordStore.open(tmp_path, records_url).close()
        except TribometerError as error:
            problems.append(error)

    threads = [threading.Thread(target=open_and_close) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    store = RecordStore.open(tmp_path, records_url)
    with store.database.reading("looking") as session:
        assert stored_revision(session.connection()) == REVISION
    store.close()


def test_a_store_newer_than_the_program_is_refused_and_stays_as_it_is(records_url: str, tmp_path: Path) -> None:
    store = RecordStore.open(tmp_path, records_url)
    with store.database.writing("ageing the program") as session:
        session.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '0999'"))  # noqa: S608 - our own name
    with pytest.raises(StoreError, match=r"schema 0999.*Use the newer version again"):
        RecordStore.open(tmp_path, records_url)
    with store.database.reading("looking") as session:
        assert stored_revision(session.connection()) == "0999"
    store.close()


def test_a_migration_that_fails_leaves_the_store_as_it_was(records_url: str, tmp_path: Path) -> None:
    database = Database(Location.of(tmp_path, records_url))
    with database.writing("being in the way") as session:
        session.execute(text("CREATE TABLE interventions (number INTEGER)"))
    with pytest.raises(StoreError, match="interventions"):
        RecordStore.open(tmp_path, records_url)
    with database.reading("looking") as session:
        assert stored_revision(session.connection()) is None
    with database.writing("getting out of the way") as session:
        session.execute(text("DROP TABLE interventions"))
    RecordStore.open(tmp_path, records_url).close()
    database.close()


@pytest.mark.parametrize("content", [b"this is no database, but a text that is long enough" * 100, None])
def test_a_damaged_file_says_what_to_do(tmp_path: Path, content: bytes | None) -> None:
    RecordStore.open(tmp_path).close()
    file = tmp_path / FILE_NAME
    whole = file.read_bytes()
    file.write_bytes(content or whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(StoreError, match=r"damaged or no record store.*tribometer restore FILE"):
        RecordStore.open(tmp_path).tokens.all()


def test_a_file_held_by_another_program_is_busy(tmp_path: Path) -> None:
    store = RecordStore.open(tmp_path)
    with store.database.reading("hurrying") as session:
        session.connection().exec_driver_sql("PRAGMA busy_timeout = 10")
    with sqlite3.connect(tmp_path / FILE_NAME) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match=FILE_NAME):
            store.audit.add("a", "b", "c")
        other.execute("ROLLBACK")
    other.close()
    store.close()


def test_a_folder_where_no_file_can_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="rights and free space"):
        RecordStore.open(tmp_path / "file" / "data")


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    url = f"postgresql://ann:{SECRET}@127.0.0.1:{FREE_PORT}/records"
    with pytest.raises(StoreUnavailable, match="does not answer") as caught:
        RecordStore.open(tmp_path, url)
    assert caught.value.transient
    assert f"postgresql://ann:***@127.0.0.1:{FREE_PORT}/records" in str(caught.value)
    assert "s3cret" not in said(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_user_who_may_make_no_tables_gets_the_statement_that_lets_him(
    postgresql_server: Server, tmp_path: Path
) -> None:
    url = postgresql_server.new_database()
    database = Database(Location.of(tmp_path, url))
    with database.writing("making a user") as session:
        session.execute(text("CREATE ROLE guest LOGIN"))
        session.execute(text("REVOKE CREATE ON SCHEMA public FROM public"))
    database.close()
    with pytest.raises(StoreError, match="GRANT CREATE, USAGE ON SCHEMA public"):
        RecordStore.open(tmp_path, url.replace("postgres@", "guest@"))


@pytest.mark.parametrize(
    "url",
    [
        "nonsense s3cret",
        "mysql://ann:s3cret@db/records",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://ann:s3cret@rest@db/records",
        "postgresql://ann:pw@db:s3cret/records",
        "postgresql://db/records?password=s3cret",
    ],
)
def test_what_is_no_url_of_a_record_store_is_refused_without_repeating_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"records\.url.*postgresql://user:password@host") as caught:
        RecordStore.open(tmp_path, url)
    assert "s3cret" not in said(caught.value)


def test_a_place_is_shown_without_its_password(tmp_path: Path) -> None:
    location = Location.of(tmp_path, f"postgres://ann:{SECRET}@db.example:5433/records")
    assert str(location) == "postgresql://ann:***@db.example:5433/records"
    assert "s3cret" not in repr(location)
    assert location.without_secret("FATAL: s3cret@Wörd!") == "FATAL: ***!"
    assert str(Location.of(tmp_path)) == str(tmp_path / FILE_NAME)
