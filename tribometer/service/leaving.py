"""The end of a process that was told to end."""

from __future__ import annotations

import logging
import os
import sys
import threading

SOURCE_THREADS = "source"
"""How the names of the threads begin that collect side by side."""


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
