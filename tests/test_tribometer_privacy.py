"""People are keyed before anything is stored."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_samples import event, full_object
from tribometer.errors import StoreError
from tribometer.events import EVENT_TYPES, parse_event
from tribometer.privacy import KEY_FILE, Pseudonyms, people_in
from tribometer.settings import BOTS

PEOPLE = Pseudonyms(b"k" * 32)
NAMES = re.compile(r"ada|grace|example\.com", re.IGNORECASE)


def keyed_fields(sample: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an event after keying."""
    return PEOPLE.key_event(parse_event(sample)).model_dump()


def test_a_pseudonym_is_p_and_26_characters_and_depends_on_the_key() -> None:
    assert re.fullmatch(r"p_[a-z2-7]{26}", PEOPLE.of("ada"))
    assert PEOPLE.of("ada") != Pseudonyms(b"l" * 32).of("ada")


def test_letter_case_and_outer_blanks_name_the_same_person() -> None:
    assert PEOPLE.of(" Ada@Example.com ") == PEOPLE.of("ada@example.com")


@given(st.text(min_size=1))
def test_keying_twice_is_keying_once(handle: str) -> None:
    assert PEOPLE.of(PEOPLE.of(handle)) == PEOPLE.of(handle)


@pytest.mark.parametrize(
    ("address", "login"),
    [
        ("12345+Ada-L@users.noreply.github.com", "ada-l"),
        ("ada@users.noreply.github.com", "ada"),
        ("49699333+renovate[bot]@users.noreply.github.com", "renovate[bot]"),
        (" 12345-ada.l@users.noreply.gitlab.com", "gitlab:ada.l"),
    ],
)
def test_a_no_reply_address_is_its_login(address: str, login: str) -> None:
    assert PEOPLE.of(address) == PEOPLE.of(login)


def test_a_no_reply_address_in_a_text_is_its_login() -> None:
    assert PEOPLE.key_addresses("by 1+ada@users.noreply.github.com.") == f"by {PEOPLE.of('ada')}."


@pytest.mark.parametrize(
    ("address", "login"),
    [
        ("ada@users.noreply.example.com", "ada"),
        ("12345-ada@users.noreply.gitlab.com", "ada"),
        ("ada@users.noreply.gitlab.com", "gitlab:ada"),
        ("1+2+ada@users.noreply.github.com", "ada"),
        ("ada@example.com", "ada"),
        ("gitlab:ada", "gitea:ada"),
    ],
)
def test_no_other_address_is_a_login_and_no_login_that_of_another_forge(address: str, login: str) -> None:
    assert PEOPLE.of(address) != PEOPLE.of(login)


def test_handles_that_share_a_login_or_local_part_look_alike() -> None:
    alike = ["Dave", "dave@acme.org", "DAVE@example.com", "gitlab:dave", "7+dave@users.noreply.github.com"]
    found = [PEOPLE.likeness(each) for each in alike]
    assert len({each.likeness for each in found if each}) == 1
    assert [each.form for each in found if each] == ["login", "address", "address", "login", "login"]
    other = PEOPLE.likeness("dave.l")
    assert other is not None
    assert other.likeness not in {each.likeness for each in found if each}


def test_a_likeness_is_no_pseudonym_and_a_pseudonym_looks_like_nothing() -> None:
    found = PEOPLE.likeness("dave")
    assert found is not None
    assert found.handle == PEOPLE.of("dave")
    assert found.likeness not in PEOPLE.of("dave")
    assert PEOPLE.likeness(PEOPLE.of("dave")) is None
    assert PEOPLE.likeness("@acme.org") is PEOPLE.likeness(" ") is None


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_all_that_an_event_names_is_looked_at(event_type: str) -> None:
    event = parse_event(full_object(event_type))
    keyed = PEOPLE.key_event(event).model_dump()
    fields = [keyed[name] for name in people_in(event_type).named]
    named = {each for field in fields for each in ([field] if isinstance(field, str) else field)}
    assert {each.handle for each in PEOPLE.likenesses(event)} == named


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_no_event_names_a_person_after_keying(event_type: str) -> None:
    identity = "ada" if event_type == "person" else "1"
    sample = full_object(event_type, id=identity, note=["by ada@example.com", {"grace@example.com": 1}])
    keyed = PEOPLE.key_event(parse_event(sample)).model_dump_json(exclude={"title", "url", "name"})
    assert not NAMES.search(keyed)
    assert PEOPLE.key_event(parse_event(sample)).extra["note"][0] == f"by {PEOPLE.of('ada@example.com')}"


def test_every_type_with_a_person_in_it_is_known() -> None:
    naming = {name: people_in(name).named for name in EVENT_TYPES if people_in(name).named}
    assert naming == {
        "ownership": ("person",),
        "person": ("id", "handles"),
        "commit": ("author",),
        "change": ("author",),
        "review": ("reviewer",),
        "review_request": ("reviewer",),
        "shift": ("person",),
    }


def test_a_field_that_is_not_carried_stays_not_carried() -> None:
    keyed = PEOPLE.key_event(
        event("shift", "1", rotation="a", starts_at="2026-01-01T00:00Z", ends_at="2026-01-02T00:00Z")
    )
    assert keyed.carried == {"rotation", "starts_at", "ends_at"}


def test_a_login_ending_in_bot_gives_the_kind_away_unless_it_is_stated() -> None:
    given_fields = full_object("change", author="renovate[bot]")
    assert keyed_fields(given_fields)["author_kind"] == "human"
    del given_fields["author_kind"]
    keyed = PEOPLE.key_event(parse_event(given_fields))
    assert keyed_fields(given_fields)["author_kind"] == "bot"
    assert "author_kind" in keyed.carried


@pytest.mark.parametrize(
    ("author", "kind"),
    [
        ("Renovate-Acme", "bot"), ("gitlab:renovate", "bot"), ("CI@acme.org", "bot"), ("ci@acme.org.uk", None),
        ("dependabot[bot]", "bot"), ("1+dependabot[bot]@users.noreply.github.com", "bot"), ("robot", None),
        ("gitlab:project_7_bot_a1", "bot"), ("x-renovate", None), ("job1", "bot"), ("job12", None),
        (PEOPLE.of("renovate"), None),
    ],
)  # fmt: skip
def test_a_bot_is_known_by_list_and_pattern_before_its_handle_is_keyed(author: str, kind: str | None) -> None:
    people = Pseudonyms(b"k" * 32, [*BOTS, "renovate*", "ci@acme.org", "job?"])
    given_fields = full_object("change", author=author)
    del given_fields["author_kind"]
    assert people.key_event(parse_event(given_fields)).model_dump()["author_kind"] == kind
    assert people.key_event(parse_event(full_object("change", author=author))).model_dump()["author_kind"] == "human"


def test_without_patterns_nobody_is_a_bot_by_name() -> None:
    given_fields = full_object("change", author="renovate[bot]")
    del given_fields["author_kind"]
    assert Pseudonyms(b"k" * 32, []).key_event(parse_event(given_fields)).model_dump()["author_kind"] is None


def test_a_signature_in_a_trailer_becomes_one_pseudonym() -> None:
    commit = full_object("commit", trailers={"co-authored-by": ["Ada L <ada@example.com>", "mail bob@example.com"]})
    assert keyed_fields(commit)["trailers"] == {
        "co-authored-by": [PEOPLE.of("ada@example.com"), f"mail {PEOPLE.of('bob@example.com')}"],
    }


def test_two_spellings_of_a_handle_are_one() -> None:
    assert keyed_fields(full_object("person", handles=["Ada", "ada"]))["handles"] == [PEOPLE.of("ada")]


def test_a_rejected_object_has_its_people_keyed_and_the_rest_as_it_was() -> None:
    line = json.dumps({"type": "commit", "author": "ada[bot]", "sha": 5, "note": "ask ada@example.com"})
    redacted = json.loads(PEOPLE.redact(line))
    assert redacted == {
        "type": "commit",
        "author": PEOPLE.of("ada[bot]"),
        "author_kind": "bot",
        "sha": 5,
        "note": f"ask {PEOPLE.of('ada@example.com')}",
    }


def test_a_person_of_the_wrong_shape_is_keyed_all_the_same() -> None:
    line = json.dumps({"type": "commit", "author": {"login": "ada", "all": [["grace"], 7]}})
    people = {"login": PEOPLE.of("ada"), "all": [[PEOPLE.of("grace")], 7]}
    assert json.loads(PEOPLE.redact(line)) == {"type": "commit", "author": people}


def test_a_rejected_object_without_type_is_keyed_as_the_type_it_was_taken_for() -> None:
    assert json.loads(PEOPLE.redact('{"author": "ada"}', "commit")) == {"author": PEOPLE.of("ada")}


@pytest.mark.parametrize(
    "broken",
    [
        '{"type": "commit", "author": "ada", ',
        '{"handles": ["ada", "grace"',
        '{"author": "ada", "author": "grace"}',
        "ada@example.com wrote this",
    ],
)
def test_a_broken_line_names_nobody(broken: str) -> None:
    assert not NAMES.search(PEOPLE.redact(broken))


def test_a_line_that_names_nobody_stays_as_it_came() -> None:
    line = '{"type":  "commit", "sha": 1.50}'
    assert PEOPLE.redact(line) == line


@pytest.mark.parametrize("unit", ["a", "a@", "a.", '"author": "', '"handles": [', "<a@b.", "[" * 9])
def test_redacting_megabytes_without_an_address_ends(unit: str) -> None:
    text = unit * (2**20 // len(unit))
    assert len(PEOPLE.redact(text)) > 0


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    first = Pseudonyms.load_or_make(tmp_path)
    path = tmp_path / KEY_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_bytes()) == 32
    assert [each.name for each in tmp_path.iterdir()] == [KEY_FILE]
    assert Pseudonyms.load_or_make(tmp_path).of("ada") == first.of("ada")


def test_a_key_that_others_can_read_is_refused_with_the_remedy(tmp_path: Path) -> None:
    Pseudonyms.load_or_make(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o640)
    with pytest.raises(StoreError, match="chmod 600"):
        Pseudonyms.load_or_make(tmp_path)


def test_a_truncated_key_is_refused(tmp_path: Path) -> None:
    Pseudonyms.load_or_make(tmp_path)
    (tmp_path / KEY_FILE).write_bytes(b"short")
    with pytest.raises(StoreError, match="5 bytes"):
        Pseudonyms.load_or_make(tmp_path)


@pytest.mark.parametrize(
    ("event_type", "field"), [("change", "title"), ("incident", "title"), ("pipeline_definition", "content")]
)
def test_an_address_and_a_mention_in_what_people_wrote_are_keyed(event_type: str, field: str) -> None:
    key = Pseudonyms(b"0" * 32)
    text = "Let ada@example.com in, @ada and v1@2"
    keyed = key.key_event(parse_event(full_object(event_type, **{field: text})))
    assert keyed.model_dump()[field] == f"Let {key.of('ada@example.com')} in, @{key.of('ada')} and v1@2"


def test_the_address_of_a_clone_names_nobody() -> None:
    text = "git@git.example.org:acme/shop.git and ssh://git@git.example.org/acme/shop"
    assert Pseudonyms(b"0" * 32).key_addresses(text) == text
