from pathlib import Path

import pytest

from service_places import git
from tribometer.errors import UsageError
from tribometer.service import data_folder
from tribometer.settings import Settings


@pytest.fixture
def below(tmp_path: Path) -> Path:
    """A folder two levels below the top of a clone."""
    top = tmp_path / "shop"
    folder = top / "services" / "cart"
    folder.mkdir(parents=True)
    git(top, "init", "-q")
    return folder


def data_of(folder: Path) -> Path:
    return data_folder.around(Settings(), folder).data


def test_below_the_top_of_a_clone_the_clones_data_folder_is_meant(below: Path) -> None:
    top = below.parent.parent
    (top / ".tribometer").mkdir()
    assert data_of(below) == top / ".tribometer"
    assert data_of(top) == Path(".tribometer")


def test_a_folder_that_has_its_own_keeps_it(below: Path) -> None:
    (below.parent.parent / ".tribometer").mkdir()
    (below / ".tribometer").mkdir()
    assert data_of(below) == Path(".tribometer")


def test_what_lies_above_the_clone_is_somebody_elses(below: Path) -> None:
    (below.parent.parent.parent / ".tribometer").mkdir()
    assert data_of(below) == Path(".tribometer")


def test_outside_of_a_clone_only_the_folder_itself_counts(tmp_path: Path) -> None:
    (tmp_path / ".tribometer").mkdir()
    (tmp_path / "sub").mkdir()
    assert data_of(tmp_path / "sub") == Path(".tribometer")


def test_data_that_was_made_under_other_settings_is_not_read_without_them(below: Path) -> None:
    top = below.parent.parent
    (top / ".tribometer").mkdir()
    (top / "tribometer.toml").touch()
    with pytest.raises(UsageError, match=f"cd {top}"):
        data_of(below)
