import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys import keys, whole
from surveys.instrument import instruments, named, read_instrument, shipped
from tribometer.errors import UsageError

PLACE = "own_v1.toml"
HEAD = """
slug = "own_v1"
title = {en = "Own", de = "Eigene"}
about = {en = "This week.", de = "Diese Woche."}
minutes = 2
languages = ["en", "de"]
"""
ITEM = """
[[items]]
id = "OW1"
measures = "review"
scale = "agreement"
text = {en = "Reviews are quick.", de = "Reviews sind schnell."}
"""
CHOICE = """
[[items]]
id = "OW2"
measures = "cause"
scale = "choice"
text = {en = "What was it?", de = "Was war es?"}
options = [
    {id = "queue", label = {en = "Queue", de = "Schlange"}},
    {id = "checks", label = {en = "Checks", de = "Tests"}},
]
"""
GRID = """
[[items]]
id = "OW3"
measures = "time_lost"
scale = "hours"
text = {en = "Hours lost.", de = "Verlorene Stunden."}
rows = [
    {id = "queue", label = {en = "Queue", de = "Schlange"}},
    {id = "review", label = {en = "Review", de = "Review"}},
]
"""
WHOLE = HEAD + ITEM + CHOICE + GRID

ARABIC = "\N{RIGHT-TO-LEFT MARK}\u0645\u0631\u062d\u0628\u0627"


def refused(text: str, place: str = PLACE) -> list[str]:
    with pytest.raises(UsageError) as error:
        read_instrument(text, place)
    return str(error.value).splitlines()


def test_an_instrument_of_ones_own_is_read() -> None:
    made = read_instrument("\N{ZERO WIDTH NO-BREAK SPACE}" + WHOLE, PLACE)
    assert (made.name, made.version, [item.id for item in made.items]) == ("own", 1, ["OW1", "OW2", "OW3"])
    assert made.items[2].keys == ("OW3:queue", "OW3:review")
    assert made.item("OW3:review") == made.items[2]
    assert made.item("OW9") is None


def test_more_languages_are_welcome_also_those_from_right_to_left() -> None:
    text = WHOLE.replace('"de"]', '"de", "ar", "he", "pt-BR", "id"]')
    more = rf'{{ar = "{ARABIC} \1", he = "שלום \1", pt-BR = "Olá \1", id = "Halo \1", en = "\1"'
    made = read_instrument(re.sub(r'\{en = "([^"]+)"', more, text), PLACE)
    assert made.items[0].text["ar"] == f"{ARABIC} Reviews are quick."
    assert made.items[1].read(f"{ARABIC} Queue") == "queue"


def test_a_text_in_indonesian_is_no_id() -> None:
    text = WHOLE.replace('text = {en = "Reviews are quick.",', "text = {id = 5,")
    assert refused(text)[0].startswith(
        f"{PLACE}: item OW1: text: input should be a valid string. Write it like text.en"
    )


def test_an_id_of_several_lines_stays_on_the_line_of_its_problem() -> None:
    [line] = refused(WHOLE.replace('id = "OW1"', 'id = "OW\\n1"'))
    assert line.startswith(f"{PLACE}: item 'OW\\n1': id: string should match pattern")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (('scale = "agreement"', 'sclae = "agreement"'), "item OW1: unknown key 'sclae'. Did you mean 'scale'?"),
        (('scale = "agreement"', 'zzz = "agreement"'), "item OW1: unknown key 'zzz'. Known: block, comment, day"),
        (("minutes = 2", "minuts = 2"), "unknown key 'minuts'. Did you mean 'minutes'?"),
        (('{id = "queue", label', '{id = "queue", lable'), "item OW2, option queue: unknown key 'lable'."),
        (("minutes = 2", ""), "minutes is missing. Write it like minutes = 2."),
        (('measures = "review"', ""), 'item OW1: measures is missing. Write it like measures = "focus".'),
        (('{id = "queue", ', "{"), 'item OW2, option number 1: id is missing. Write it like id = "review".'),
        (('id = "OW1"', ""), 'item number 1: id is missing. Write it like id = "PU01".'),
        (('id = "OW1"', 'id = "first one"'), "item first one: id: string should match pattern"),
        (("minutes = 2", "minutes = 99"), "minutes: input should be less than or equal to 30. Write it like minutes ="),
        (('"agreement"', '"agreemnt"'), "item OW1: scale: 'agreemnt' is none. Did you mean 'agreement'?"),
        (('"agreement"', '"stars"'), "item OW1: scale: 'stars' is none. Known: agreement, choice, choices"),
        (('"agreement"', "5"), "item OW1: scale: 5 is none. Known: agreement"),
        ((', de = "Reviews sind schnell."', ""), "item OW1: text: there is no text in de. Write one, or take"),
        ((', de = "Schlange"', ', de = " "'), "item OW2: option queue: there is no text in de. Write one"),
        ((', de = "Eigene"', ""), "title: there is no text in de."),
        ((', de = "Diese', ', fr = "Diese'), "about: there is a text in 'fr'. Add it to languages, or take the text"),
        (('de = "Eigene"', "de = 5"), "title: input should be a valid string. Write it like title = {en ="),
        (('"en", "de"', '"de"'), "languages: English is missing. Add en"),
        (('"en", "de"', '"en", "de", "de"'), "languages: de stands twice. Name it once."),
        (('"en", "de"', '"en", "de", "german"'), "languages: 'german' is no code of a language. Write it like de or"),
        (('"own_v1"', '"own"'), "slug 'own': write a name and a version, like pulse_v1."),
        (('id = "OW2"', 'id = "OW1"'), "item OW1: it stands twice. Give one of them another id."),
        (('id = "checks"', 'id = "queue"'), "item OW2: option queue: it stands twice. Give one of them another id."),
        (('id = "review", label', 'id = "queue", label'), "item OW3: row queue: it stands twice."),
        (('en = "Checks"', 'en = "QUEUE"'), "item OW2: option checks: 'QUEUE' could be queue as well. Word one"),
        (('en = "Checks"', 'en = "N/A"'), "item OW2: option checks: 'N/A' says that nothing was answered. Take it"),
        (('en = "Queue", de = "Schlange"}},\n    {id = "c', 'en = "Line", de = "Schlange"}},\n    {id = "c'),
         "item OW2: queue is called otherwise in OW3. Call it the same, or give another id."),
        (('"agreement"', '"agreement"\noptions = []'), "item OW1: options belong to a choice, its scale is agreement."),
        (('"agreement"', '"agreement"\nrows = []'), "item OW1: it is a grid without rows. Add some, or take"),
        (('"agreement"', '"agreement"\nmost = 2'), "item OW1: most belongs to choices, its scale is agreement."),
        (('"hours"', '"text"'), "item OW3: a grid cannot be answered on the scale text. Take one of agreement, days"),
        (('id = "review", label', 'id = "a_day", label'), "item OW3: row a_day: results are told under this name."),
        (('"choice"', '"choices"\nmost = 3'), "item OW2: most is 3 of 2 options. Lower it."),
        (('"choice"', '"choice"\nreverse = true'), "item OW2: reverse belongs to a scale of five points, its scale is"),
        (('"hours"', '"hours"\ndriver = true'), "item OW3: driver belongs to a scale of five points, its scale is"),
        (('"agreement"', '"agreement"\nday = 7'), "item OW1: a day counts from when somebody began. Write trigger ="),
        (("Reviews are quick.", "R" * 201), "item OW1: text: the text in 'en' has 201 characters. Shorten it to 200."),
        (('en = "Checks"', f'en = "{"c" * 81}"'), "item OW2: option checks: the text in 'en' has 81 characters."),
        (("Reviews are quick.", "Reviews\\nare quick."), "item OW1: text: the text in 'en' has a line break, or a"),
        (('"agreement"', '"agreement"\nblock = "a"'), ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_the_file_the_item_and_what_to_do(change: tuple[str, str], line: str) -> None:
    text = WHOLE.replace(*change, 1)
    assert text != WHOLE
    if line:
        assert any(each.startswith(f"{PLACE}: {line}") for each in refused(text)), refused(text)
    else:
        assert read_instrument(text, PLACE).items[0].block == "a"


def test_every_line_names_the_file_and_ends_with_what_to_do() -> None:
    text = WHOLE.replace("minutes = 2", 'minutes = 99\ncohort = 2\ntrigger = "deploy"').replace('"choice"', '"chioce"')
    assert refused(text) == [
        f"{PLACE}: minutes: input should be less than or equal to 30. Write it like minutes = 2.",
        f"{PLACE}: trigger: 'deploy' is none. Did you mean 'deployment'?",
        f"{PLACE}: item OW2: scale: 'chioce' is none. Did you mean 'choice'?",
        f"{PLACE}: unknown key 'cohort'. Did you mean 'cohorts'?",
    ]


def test_a_choice_needs_something_to_choose_from() -> None:
    bare = CHOICE.partition("options")[0]
    assert refused(HEAD + bare) == [
        f"{PLACE}: item OW2: a choice needs something to choose from. Add two options or more."
    ]


def test_the_items_of_a_block_stand_together() -> None:
    parted = HEAD + "".join(
        ITEM.replace("OW1", f"OW{number}") + f'block = "{block}"\n' for number, block in enumerate("aba", start=1)
    )
    assert refused(parted) == [f"{PLACE}: block 'a': its items do not stand together. Put them one after the other."]


def test_an_instrument_without_items_or_with_too_many_is_refused() -> None:
    assert "items is missing. Write it like [[items]]" in refused(HEAD)[0]
    many = HEAD + "".join(ITEM.replace("OW1", f"OW{number}") for number in range(41))
    assert "items: tuple should have at most 40 items" in refused(many)[0]


def test_names_that_results_are_told_under_are_taken() -> None:
    assert {keys.A_DAY, keys.FELT, keys.ON_INFRASTRUCTURE} == whole.TAKEN


@pytest.mark.parametrize(
    "text",
    ["", "slug", "\N{NULL}", "a = [" + "[" * 5000, "minutes = " + "9" * 5000, "items = 5", "items = [5]", "items = {}",
     "items = [[]]", "items = [{options = 5}]", "items = [{options = [5, {}]}]", "items = [{rows = [[1]]}]",
     "[[items]]\n[items.items]", '"" = 1', "items = [{id = 1979-05-27}]", "slug = nan", "options = [{}]",
     "languages = [1]", "items = [{scale = {a = 1}}]", WHOLE.replace("minutes = 2", "minutes = 2.5"),
     WHOLE.replace('"own_v1"', '"own_v' + "9" * 5000 + '"'), WHOLE.replace("minutes = 2", "minutes = inf")],
    ids=range(22),
)  # fmt: skip
def test_a_broken_file_is_a_usage_error(text: str) -> None:
    assert all(line.startswith(PLACE) for line in refused(text))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.text(max_size=200))
def test_any_text_is_an_instrument_or_a_usage_error(text: str) -> None:
    _read(text)


@given(
    st.sampled_from([line for line in WHOLE.splitlines() if line.strip()]),
    st.sampled_from(["", "minutes = true", "[items]", "[[items]]", "x", "items = 1", "[items.text]", "rows = [{}]"])
    | VALUES.map(lambda value: f"options = {_toml(value)}")
    | VALUES.map(lambda value: f"rows = {_toml(value)}")
    | VALUES.map(lambda value: f"text = {_toml(value)}")
    | VALUES.map(lambda value: f"languages = {_toml(value)}")
    | VALUES.map(lambda value: f"day = {_toml(value)}"),
)
def test_any_line_in_place_of_another_is_an_instrument_or_a_usage_error(line: str, other: str) -> None:
    _read(WHOLE.replace(line, other, 1))


def _read(text: str) -> None:
    try:
        read_instrument(text, PLACE)
    except UsageError as error:
        assert all(line.startswith(f"{PLACE}: ") for line in str(error).splitlines())  # noqa: PT017 - either is right


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    if value is None:
        return '""'
    return json.dumps(value) if isinstance(value, str | bool | int) else str(value)


def write(folder: Path, text: str, name: str = PLACE) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_instruments_of_an_organisation_stand_beside_those_that_are_shipped(tmp_path: Path) -> None:
    known = instruments(write(tmp_path, WHOLE))
    assert set(known) == {*shipped(), "own_v1"}
    assert set(instruments()) == set(shipped())


def test_the_newest_version_is_meant_where_none_is_named(tmp_path: Path) -> None:
    for version in (2, 10, 1):
        write(tmp_path, WHOLE.replace("own_v1", f"own_v{version}"), f"own_v{version}.toml")
    known = instruments(tmp_path)
    assert named("own", known).slug == "own_v10"
    assert named("own_v2", known).version == 2
    with pytest.raises(UsageError, match="There is no instrument 'owl'; there are after_deploy_v1"):
        named("owl", known)


def test_a_shipped_slug_with_other_wording_is_refused_and_a_copy_of_it_is_not(tmp_path: Path) -> None:
    source = (Path(whole.__file__).parent / "instruments" / "pulse_v1.toml").read_text(encoding="utf-8")
    assert instruments(write(tmp_path, source, "pulse_v1.toml")) == dict(shipped())
    write(tmp_path, source.replace("long stretch", "long spell"), "pulse_v1.toml")
    with pytest.raises(UsageError, match=r"pulse_v1\.toml: pulse_v1 is shipped with other wording; give yours"):
        instruments(tmp_path)


def test_a_file_is_named_by_its_slug(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ours\.toml: its slug is 'own_v1'; name the file own_v1\.toml"):
        instruments(write(tmp_path, WHOLE, "ours.toml"))


def test_a_folder_that_is_not_there_and_a_file_that_is_no_text_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no such folder\. Make it, or take `instruments` out"):
        instruments(tmp_path / "gone")
    (tmp_path / PLACE).write_bytes(WHOLE.encode("utf-16"))
    with pytest.raises(UsageError, match=r"own_v1\.toml: this is no text in UTF-8\. Save it as UTF-8"):
        instruments(tmp_path)
