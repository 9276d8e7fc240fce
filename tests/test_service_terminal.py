import io
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tribometer.service.terminal import BAR_WIDTH, bar, progress, say, write_named, write_table, write_words


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


STYLE = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    """What is written to a terminal."""

    def isatty(self) -> bool:
        """As it is."""
        return True


@pytest.mark.parametrize(("width", "lines"), [("99", 2), ("40", 3)])
def test_a_table_that_a_terminal_is_too_narrow_for_is_a_paragraph_a_row(
    width: str, lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Terminal()
    monkeypatch.setattr(sys, "stdout", written)
    monkeypatch.setenv("COLUMNS", width)
    head = ("source", "new", "quota left", "seconds", "next cursor")
    write_table(head, [("forge:acme (12 parts)", "1,024", "", "2.3", "12 repositories and 1 release")], right=("new",))
    told = STYLE.sub("", written.getvalue()).splitlines()
    assert len(told) == lines
    assert all(len(line) <= int(width) for line in told)
    assert told[0].split()[0] == ("source" if lines == 2 else "forge:acme")
    assert "1,024" in written.getvalue()


def test_words_are_folded_on_a_terminal_and_stay_in_one_piece_in_a_pipe(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"broken: {'word ' * 20}\n  -> see https://example.org/{'x' * 60}\n"
    write_words(text)
    say(text)
    assert capsys.readouterr() == (f"{text}\n", f"{text}\n")
    for name in ("stdout", "stderr"):
        written = Terminal()
        with monkeypatch.context() as patched:
            patched.setattr(sys, name, written)
            patched.setenv("COLUMNS", "40")
            (write_words if name == "stdout" else say)(text)
        lines = written.getvalue().split("\n")
        assert [line[:8] for line in lines if line.startswith("broken")] == ["broken: "]
        assert all(len(line) <= 40 for line in lines if "https" not in line)
        assert f"    https://example.org/{'x' * 60}" in lines
        assert lines[-2:] == ["", ""]


def test_a_bar_tells_of_what_how_much_is_done_and_is_full_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Terminal()
    monkeypatch.setattr(sys, "stderr", written)
    monkeypatch.setenv("COLUMNS", "80")
    with progress() as tell:
        tell({"progress": {"of": "forge:acme", "done": 12, "total": 100, "unit": "parts", "part": "shop"}})
        tell({"progress": {"of": "git:acme/shop", "done": 7, "total": None}})
        tell({"ended": "git:acme/shop"})
        tell({"ended": "nobody heard of it"})
    drawn = [line for line in written.getvalue().splitlines() if "git:acme/shop" in line]
    assert "12 of 100 parts" in written.getvalue()
    assert f"{'━' * BAR_WIDTH} 7" in STYLE.sub("", drawn[-1])


def test_names_with_brackets_stand_in_a_table_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    write_table(("service", "n"), [("[bold]shop[/bold]", "1")], right=("n",))
    assert capsys.readouterr().out == "service            n\n[bold]shop[/bold]  1\n"


def test_no_word_of_the_last_column_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Terminal()
    monkeypatch.setattr(sys, "stdout", written)
    monkeypatch.setenv("COLUMNS", "40")
    write_table(("source", "state", "run"), [("github:acme/shop", "collecting", "succeeded in 0 s")])
    assert "succeeded in 0 s" in " ".join(written.getvalue().split())


def test_a_long_text_behind_its_name_keeps_to_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Terminal()
    monkeypatch.setattr(sys, "stdout", written)
    monkeypatch.setenv("COLUMNS", "40")
    write_named("versions", ", ".join(f"package-{number} 1.{number}" for number in range(9)))
    told = written.getvalue().splitlines()
    assert len(told) > 1
    assert all(len(line) <= 40 for line in told)
    assert told[0].startswith("versions       package-0 1.0")
    assert all(line.startswith(" " * 15) for line in told[1:])
