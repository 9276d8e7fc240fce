"""The examples of the guide to surveys are what the program takes as they stand."""

import re
import tomllib
from pathlib import Path

import pytest

from surveys.header_maps import read_map
from surveys.instrument import named, read_instrument, shipped
from surveys.population import read_people
from tribometer.settings import load

GUIDE = (Path(__file__).parents[1] / "docs" / "surveys.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
SETTINGS = [each for each in EXAMPLES if each.startswith("[surveys]")]


@pytest.mark.parametrize("example", SETTINGS, ids=range(len(SETTINGS)))
def test_settings_are_taken_as_they_stand(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in re.findall(r'env = "(\w+)"', example):
        monkeypatch.setenv(name, f"the value of {name}")
    file = tmp_path / "tribometer.toml"
    file.write_text(example, encoding="utf-8")

    surveys = load(file, tmp_path / "data").surveys
    assert surveys.people == Path("people.csv")
    for name in (*surveys.events, *(each.instrument for each in surveys.recurring)):
        assert named(name, shipped()).name == name


def test_the_address_book_is_read_as_it_stands(tmp_path: Path) -> None:
    [example] = re.findall(r"^```csv\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    file = tmp_path / "people.csv"
    file.write_text(example, encoding="utf-8")

    assert [(each.address, each.team, each.language) for each in read_people(file)] == [
        ("ann@acme.example", "checkout", "en"),
        ("ben@acme.example", "", "de"),
    ]


def test_the_survey_of_ones_own_is_one() -> None:
    [example] = [each for each in EXAMPLES if each.startswith("slug")]
    made = read_instrument(example, "release_day_v1.toml")

    assert (made.slug, [item.id for item in made.items]) == ("release_day_v1", ["RD1", "RD2"])


def test_the_header_map_names_items_that_there_are() -> None:
    [example] = [each for each in EXAMPLES if each.startswith("like")]
    made, pulse = read_map(example, "ours.toml"), shipped()["pulse_v1"]

    assert made.team == (tomllib.loads(example)["team"],)
    named_items = {each.removesuffix("_comment") for each in made.columns.values()} - {"ignore"}
    assert all(pulse.item(each) for each in named_items)
    assert "Strongly agree" in made.values.values()
