"""What older versions stored as it came is cleaned once, when its store is opened."""

import json
from pathlib import Path

import duckdb

from event_samples import event, full_object, opened
from tribometer.events import parse_event
from tribometer.store.connection import FILE_NAME
from tribometer.store.rejects import Rejected

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


def test_titles_unknown_fields_trailers_and_rejected_lines_of_a_store_are_cleaned(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.land([
            event("run", "1", **{k: v for k, v in full_object("run").items() if k not in {"type", "id", "source"}}),
            parse_event(full_object("deployment", id="@ann", service="@ann", note="x")),
            parse_event(full_object("template_release", id="1")),
            parse_event(full_object("commit", id="1")),
        ], rejected=[Rejected("test", 1, "wrong", "x")])  # fmt: skip
    with duckdb.connect(str(tmp_path / FILE_NAME)) as older:
        older.execute("UPDATE runs SET workflow = 'deploy for @ann'")
        older.execute("""UPDATE deployments SET environment = 'of @ann', group_id = '@ann', extra = '{"a":["@ann"]}'""")
        older.execute("UPDATE template_releases SET steps = ['build', 'ask @ann']")
        older.execute("""UPDATE commits SET trailers = '{"cc":["@ann"]}'""")
        older.execute("""UPDATE rejected_events SET content = '{"type":"job","name":"@ann"}'""")
        older.execute("UPDATE store_meta SET value = 'free text, addresses and branches' WHERE name = 'cleaning'")
    with opened(tmp_path) as store, store.reader() as reader:
        ann = f"@{store.pseudonyms.of('ann')}"
        assert reader.rows("SELECT workflow FROM runs") == [(f"deploy for {ann}",)]
        told = [("@ann", "@ann", f"of {ann}", ann, f'{{"a":["{ann}"]}}')]
        assert reader.rows("SELECT id, service, environment, group_id, extra FROM deployments") == told
        assert reader.rows("SELECT steps FROM template_releases") == [(["build", f"ask {ann}"],)]
        assert reader.rows("SELECT trailers FROM commits") == [(f'{{"cc":["{ann}"]}}',)]
        assert [json.loads(each.content)["name"] for each in store.rejected()] == [ann]


def test_a_store_that_is_clean_is_not_looked_at_again(tmp_path: Path) -> None:
    with opened(tmp_path):
        pass
    with duckdb.connect(str(tmp_path / FILE_NAME)) as later:
        later.execute("INSERT INTO repositories (source, id, name, default_branch) VALUES ('s', '1', 'a', 'ann/main')")
    with opened(tmp_path) as store, store.reader() as reader:
        assert reader.rows("SELECT default_branch FROM repositories") == [("ann/main",)]
