import pytest
from hypothesis import given
from hypothesis import strategies as st

from tribometer.service.terminal import BAR_WIDTH, bar, progress, write_table


@given(st.floats(-1, 2))
def test_a_bar_is_as_wide_whatever_it_shows(share: float) -> None:
    assert len(bar(share)) == BAR_WIDTH


def test_a_bar_grows_with_its_share() -> None:
    assert bar(0.0).strip() == ""
    assert bar(0.5).strip() == "█" * (BAR_WIDTH // 2)
    assert bar(1.0) == "█" * BAR_WIDTH


def test_off_a_terminal_progress_is_silent_and_hints_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as tell:
        tell({"progress": {"of": "git:acme/shop", "done": 1, "total": 2}})
        tell({"hint": "No event names it."})
    written = capsys.readouterr()
    assert (written.out, written.err) == ("", "No event names it.\n")


def test_names_with_brackets_stand_in_a_table_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    write_table(("service", "n"), [("[bold]shop[/bold]", "1")], right=("n",))
    assert capsys.readouterr().out == "service            n\n[bold]shop[/bold]  1\n"
