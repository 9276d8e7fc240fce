"""Operators say whose handles are one person's: suggested, joined, kept apart, asked for, and on record."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from event_samples import commit, event
from service_places import clock, clone
from tribometer.errors import UsageError
from tribometer.service.cli import app
from tribometer.service.command import Place
from tribometer.service.doctor import report
from tribometer.service.instance import Instance, opened
from tribometer.service.joining import SOURCE, joining, parting
from tribometer.service.people import apart, join, suggestions, who
from tribometer.settings import Patterns, Settings
from tribometer.store.identities import persons

LOGIN, WORK, HOME = "dave", "dave@acme.org", "dave@example.com"


def tell(_message: object) -> None:
    """What is told on the way is looked at where it matters."""


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with opened(Settings(data=tmp_path / "data"), clock) as held:
        held.store.land([commit(str(number), author=each) for number, each in enumerate((LOGIN, WORK, WORK, "ann"))])
        held.changed()
        yield held


def keys(instance: Instance, *handles: str) -> list[str]:
    return [instance.store.pseudonyms.of(each) for each in handles]


def suggested(instance: Instance) -> list[set[str]]:
    found = suggestions(instance, {}, tell)["suggestions"]
    return [{each["one"]["pseudonym"], each["other"]["pseudonym"]} for each in found]


def same(instance: Instance, one: str, other: str) -> bool:
    [key] = keys(instance, other)
    return key in who(instance, {"handle": one}, tell)["joined_with"]


def pairing(one: str, other: str) -> Mapping[str, list[str]]:
    return {"handles": [one, other]}


def test_a_suggestion_tells_why_and_where_its_handles_were_seen(instance: Instance) -> None:
    [found] = suggestions(instance, {}, tell)["suggestions"]
    sides = {each["pseudonym"]: each["events"] for each in (found["one"], found["other"])}
    assert sides == dict(zip(keys(instance, LOGIN, WORK), ({"test": 1}, {"test": 2}), strict=True))
    assert found["why"] == "a login that is the local part of an address"


def test_joining_by_handle_or_pseudonym_makes_one_person(instance: Instance) -> None:
    joined = join(instance, pairing(LOGIN, keys(instance, WORK)[0]), tell)["joined"]
    assert set(joined) == set(keys(instance, LOGIN, WORK))
    assert same(instance, "Dave", WORK)
    assert suggested(instance) == []
    with instance.store.reader() as reader:
        assert reader.rows("SELECT DISTINCT source FROM people") == [(SOURCE,)]


def test_joining_in_steps_is_joining_at_once(instance: Instance) -> None:
    join(instance, pairing(LOGIN, WORK), tell)
    join(instance, pairing("ann", HOME), tell)
    assert not same(instance, LOGIN, HOME)
    join(instance, pairing(HOME, WORK), tell)
    assert set(who(instance, {"handle": LOGIN}, tell)["joined_with"]) == set(keys(instance, WORK, HOME, "ann"))


def test_a_suggestion_that_was_declined_does_not_come_back(instance: Instance) -> None:
    assert apart(instance, pairing(WORK, LOGIN), tell) == {"apart": sorted(keys(instance, LOGIN, WORK))}
    instance.store.land([commit("later", author=LOGIN)])
    assert suggested(instance) == []
    assert not same(instance, LOGIN, WORK)


@pytest.mark.parametrize("leaving", [(LOGIN, WORK), (WORK, LOGIN), (HOME, LOGIN)])
def test_what_was_joined_here_can_be_parted_and_the_rest_stays_joined(
    instance: Instance, leaving: tuple[str, str]
) -> None:
    join(instance, {"handles": [LOGIN, WORK, HOME, "ann"]}, tell)
    apart(instance, pairing(*leaving), tell)
    assert not same(instance, *leaving)
    left = [len(who(instance, {"handle": each}, tell)["joined_with"]) for each in (LOGIN, WORK, HOME, "ann")]
    assert sorted(left) == [0, 2, 2, 2]
    assert suggested(instance) == []


def test_what_a_source_declares_is_parted_there_and_not_here(instance: Instance) -> None:
    instance.store.land([event("person", LOGIN, "github:acme", handles=[WORK])])
    instance.changed()
    with pytest.raises(UsageError, match="github:acme declares"):
        apart(instance, pairing(LOGIN, WORK), tell)
    assert same(instance, LOGIN, WORK)


def test_two_that_are_joined_over_a_third_are_parted_where_that_was_joined_here(instance: Instance) -> None:
    instance.store.land([event("person", LOGIN, "github:acme", handles=[WORK])])
    join(instance, pairing(LOGIN, HOME), tell)
    apart(instance, pairing(WORK, HOME), tell)
    assert same(instance, LOGIN, WORK)
    assert not same(instance, WORK, HOME)


def test_a_handle_that_nothing_names_is_joined_with_a_warning(instance: Instance) -> None:
    told: list[Mapping[str, Any]] = []
    join(instance, pairing(LOGIN, "dvae@acme.org"), told.append)
    assert [each["hint"].split(":")[0] for each in told] == ["dvae@acme.org"]


@pytest.mark.parametrize("other", ["DAVE", "1+dave@users.noreply.github.com", " "])
def test_one_handle_is_neither_joined_with_itself_nor_with_nothing(instance: Instance, other: str) -> None:
    for operation in (join, apart):
        with pytest.raises(UsageError):
            operation(instance, pairing(LOGIN, other), tell)
    assert instance.records.audit.newest() == []


def test_everything_asked_and_said_stands_in_the_audit_log_without_a_handle(instance: Instance) -> None:
    join(instance, pairing(LOGIN, WORK), tell)
    who(instance, {"handle": LOGIN}, tell)
    apart(instance, pairing(LOGIN, WORK), tell)
    entries = instance.records.audit.newest()
    one, other = sorted(keys(instance, LOGIN, WORK))
    assert [(each.action, each.subject, each.details) for each in entries] == [
        ("people.apart", one, {"other": other}),
        ("people.who", keys(instance, LOGIN)[0], {}),
        ("people.join", one, {"handles": [one, other]}),
    ]


def test_who_tells_nothing_of_a_person_but_pseudonyms(instance: Instance) -> None:
    assert who(instance, {"handle": "ann"}, tell) == {"pseudonym": keys(instance, "ann")[0], "joined_with": []}


def test_the_doctor_notes_how_many_pairs_wait_and_how_to_see_them(instance: Instance) -> None:
    [note] = [each for each in report(instance, tell).findings if each.about == "people"]
    assert (note.level, note.what) == ("note", "handles that look like one person's and count as two: 1 pair")
    assert "tribometer people suggestions" in note.do
    apart(instance, pairing(LOGIN, WORK), tell)
    assert not any(each.about == "people" for each in report(instance, tell).findings)


def test_the_settings_name_bots_and_replace_those_that_are_built_in(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", patterns=Patterns(bots=("renovate*", WORK)))
    authors = ("Renovate-2", WORK, "gitlab:renovate", "x[bot]", LOGIN)
    with opened(settings, clock) as held:
        held.store.land([commit(str(number), author=author) for number, author in enumerate(authors)])
        with held.store.reader() as reader:
            kinds = reader.rows("SELECT author_kind FROM commits ORDER BY id")
    assert [kind for (kind,) in kinds] == ["bot", "bot", "bot", None, None]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that is not there yet, of a command that stands in a clone by Ann <ann@example.org>."""
    monkeypatch.chdir(clone(tmp_path / "clone"))
    return tmp_path / "data"


def invoke(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments), obj=Place(), catch_exceptions=code != 0)
    assert (result.exit_code == 0) == (code == 0), result.stderr
    return result.stdout


def test_the_commands_suggest_join_part_and_tell(data: Path) -> None:
    invoke("--data", str(data), "collect")
    people = ("--data", str(data), "people")
    assert json.loads(invoke(*people, "suggestions", "--json")) == {"suggestions": []}
    invoke(*people, "join", "ann@example.org", "someone@example.org")
    first, second = invoke(*people, "who", "Ann@example.org").splitlines()
    assert json.loads(invoke(*people, "who", first, "--json")) == {
        "pseudonym": first,
        "joined_with": [second.removeprefix("joined with ")],
    }
    invoke(*people, "apart", "ann@example.org", "someone@example.org")
    assert invoke(*people, "who", "ann@example.org") == f"{first}\n"


def test_a_table_of_suggestions_shows_both_sides(data: Path) -> None:
    invoke("--data", str(data), "collect")
    file = data.with_name("people.jsonl")
    file.write_text(json.dumps({"type": "person", "source": "hr", "id": "ann"}))
    invoke("--data", str(data), "import", str(file))
    _, row = invoke("--data", str(data), "people", "suggestions").splitlines()
    assert "1 of hr" in row
    assert "6 of git:" in row
    assert row.endswith("a login that is the local part of an address")


def test_asking_who_somebody_is_makes_no_data_folder_and_no_pseudonym(data: Path) -> None:
    result = CliRunner().invoke(app, ["--data", str(data), "people", "who", "ann"], obj=Place())
    assert isinstance(result.exception, UsageError)
    assert not data.exists()


NAMES = st.sampled_from("abcdefg")
DECLARED = st.lists(st.tuples(NAMES, NAMES, st.sampled_from([SOURCE, SOURCE, "hr"])), max_size=8)


@given(st.lists(st.sets(NAMES, min_size=2, max_size=3), max_size=6))
def test_groups_joined_one_by_one_are_those_that_hang_together(steps: list[set[str]]) -> None:
    groups: dict[str, Any] = {}
    for given_handles in steps:
        groups |= joining(groups, given_handles)
    found = persons((handle, center) for center, members in groups.items() for handle in members)
    plain = persons((handle, min(each)) for each in steps for handle in each - {min(each)})
    together = {handle: {other for other in plain if plain[other] == plain[handle]} for handle in plain}
    assert {handle: {other for other in found if found[other] == found[handle]} for handle in found} == together


@given(DECLARED, NAMES, NAMES)
def test_parting_takes_back_only_what_was_joined_here_and_fails_only_where_others_join_too(
    declared: list[tuple[str, str, str]], one: str, other: str
) -> None:
    groups: dict[str, Any] = {}
    for handle, center, source in declared:
        if source == SOURCE and handle != center:
            groups |= joining(groups, {handle, center})
    elsewhere = [(handle, center) for handle, center, source in declared if source != SOURCE]
    here = [(handle, center) for center, members in groups.items() for handle in members]
    person = persons([*elsewhere, *here])
    if one == other or person.get(one, one) != person.get(other, other):
        return
    changes = parting([(*each, SOURCE) for each in here] + [(*each, "hr") for each in elsewhere], one, other)
    others = persons(elsewhere)
    assert (changes is None) == (others.get(one, one) == others.get(other, other))
    if changes is not None:
        left = [(handle, center) for center, members in {**groups, **changes}.items() for handle in members]
        person = persons([*elsewhere, *left])
        assert person.get(one, one) != person.get(other, other)
