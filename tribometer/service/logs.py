"""What a running service writes down, and what of it the terminal shows."""

from __future__ import annotations

import logging
import logging.handlers
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LOG_FILE = "service.log"
LOG_BYTES = 5 * 2**20
TAKEN_OVER = {"streamlit", "uvicorn", "websockets"}
SURVEY_LINK = re.compile(r"(/s/)[A-Za-z2-7]{16,}")


def log_to(folder: Path) -> None:
    """Keep everything in the data folder's log; the terminal gets one line per warning, no traceback."""
    file = logging.handlers.RotatingFileHandler(folder / LOG_FILE, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    file.setFormatter(_Masked("%(asctime)s %(levelname)s %(name)s %(message)s"))
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.WARNING)
    terminal.setFormatter(_OneLine("%(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[file, terminal], force=True)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def take_over() -> None:
    """Send the logs of Streamlit and uvicorn where ours goes: Streamlit gives both handlers that print tracebacks."""
    for name in list(logging.root.manager.loggerDict):
        log = logging.getLogger(name)
        if name.partition(".")[0] in TAKEN_OVER and log.handlers:
            log.handlers.clear()
            log.propagate = True
            log.setLevel(logging.WARNING)


class _Masked(logging.Formatter):
    """Personal links to survey forms without what makes them personal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        return SURVEY_LINK.sub(r"\1…", self.whole(record))

    def whole(self, record: logging.LogRecord) -> str:
        """Return it with the links in it."""
        return super().format(record)


class _OneLine(_Masked):
    """An error's name and words, but not where it came from: that is for the log."""

    def whole(self, record: logging.LogRecord) -> str:
        """Return one line."""
        said = record.getMessage()
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return said
        words = " ".join(f"{type(error).__name__}: {error}".split())
        return f"{said}: {words} ({LOG_FILE} in the data folder has the details)"
