import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tribometer.service import logs


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, put back as it was."""
    found = logging.getLogger()
    handlers, level = list(found.handlers), found.level
    yield found
    for handler in found.handlers:
        if handler not in handlers:
            handler.close()
    found.handlers[:] = handlers
    found.setLevel(level)


def test_an_error_is_one_line_on_the_terminal_and_a_traceback_in_the_data_folder(
    root: logging.Logger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.log_to(tmp_path)
    logging.getLogger("tribometer.test").error("a page failed", exc_info=ZeroDivisionError("two\nlines"))
    assert len(root.handlers) == 2
    expected = "a page failed: ZeroDivisionError: two lines (service.log in the data folder has the details)\n"
    assert capsys.readouterr().err == expected
    assert "ZeroDivisionError: two\nlines" in (tmp_path / logs.LOG_FILE).read_text()


@pytest.mark.usefixtures("root")
def test_a_log_of_streamlit_goes_where_ours_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = io.StringIO()
    log = logging.getLogger("streamlit.some.part")
    log.addHandler(logging.StreamHandler(own))
    log.propagate = False
    logs.log_to(tmp_path)
    logs.take_over()
    log.error("Uncaught app execution", exc_info=ZeroDivisionError("inside"))
    assert own.getvalue() == ""
    assert capsys.readouterr().err.startswith("Uncaught app execution: ZeroDivisionError: inside (")
