"""What older versions stored as it came is cleaned once, when its store is opened."""

from pathlib import Path

import duckdb

from event_samples import event, full_object, opened
from tribometer.events import parse_event
from tribometer.store.connection import FILE_NAME

TITLE = "Ask @ann: https://u:pw@x.org/a?b=c"


def test_a_store_of_older_rules_is_cleaned_when_it_is_opened(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.land([
            parse_event(full_object("change", id="1", source="gitlab:a")),
            parse_event(full_object("change", id="2", source="github:a")),
            event("run", "9", **{k: v for k, v in full_object("run").items() if k not in {"type", "id", "source"}}),
        ])  # fmt: skip
    with duckdb.connect(str(tmp_path / FILE_NAME)) as older:
        older.execute("UPDATE changes SET title = ?, head = 'ann/fix'", [TITLE])
        older.execute("UPDATE runs SET url = 'https://x.org/1?token=a', branch = 'ann/fix'")
        older.execute("DELETE FROM store_meta WHERE name = 'cleaning'")
    with opened(tmp_path) as store, store.reader() as reader:
        plain, of_gitlab = store.pseudonyms.of("ann"), store.pseudonyms.of("gitlab:ann")
        assert reader.rows("SELECT title, head FROM changes ORDER BY id") == [
            (f"Ask @{of_gitlab}: https://x.org/a", f"{plain}/fix"),
            (f"Ask @{plain}: https://x.org/a", f"{plain}/fix"),
        ]
        assert reader.rows("SELECT url, branch FROM runs") == [("https://x.org/1", f"{plain}/fix")]


def test_a_store_that_is_clean_is_not_looked_at_again(tmp_path: Path) -> None:
    with opened(tmp_path):
        pass
    with duckdb.connect(str(tmp_path / FILE_NAME)) as later:
        later.execute("INSERT INTO repositories (source, id, name, default_branch) VALUES ('s', '1', 'a', 'ann/main')")
    with opened(tmp_path) as store, store.reader() as reader:
        assert reader.rows("SELECT default_branch FROM repositories") == [("ann/main",)]
