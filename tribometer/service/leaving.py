"""The end of a process that was told to end."""

from __future__ import annotations

import logging
import os
import sys
import threading

NOTHING_LOST = "Interrupted. Nothing is lost: what has landed before is kept, and the same command goes on from there."
SOURCE_THREADS = "source"
"""How the names of the threads begin that collect side by side."""


class Interrupted(KeyboardInterrupt):
    """An interrupt whose words are what it left behind."""


def words_of(end: BaseException) -> str:
    """What is said of an interrupt that led to this end: its own words, or that nothing is lost."""
    cause: BaseException | None = end
    while cause is not None and not isinstance(cause, Interrupted):
        cause = cause.__cause__ or cause.__context__
    return str(cause) if cause else NOTHING_LOST


def leave(code: int, named: str = "") -> None:
    """End the process now if threads (``named`` like that) are left: they would hold it up until servers answer.

    Nothing is lost: what has landed is on disk, and the stores are closed. Whether a thread is a daemon says nothing:
    the interpreter joins those of pools all the same.
    """
    others = [each for each in threading.enumerate() if each is not threading.main_thread()]
    if any(each.name.startswith(named) for each in others):
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
