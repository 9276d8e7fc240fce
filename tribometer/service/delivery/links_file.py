"""The channel ``links``: a CSV file of personal links, for whoever hands them out some other way."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, TextIO

from tribometer.errors import UsageError
from tribometer.spreadsheet import plain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

COLUMNS = ("address", "team", "opens_at", "link")


@dataclass(frozen=True)
class LinkRow:
    """A person's link and when it opens (aware); whoever has it answers as that person."""

    address: str
    team: str
    opens_at: datetime
    link: str = field(repr=False)


def write_links(path: Path, rows: Iterable[LinkRow]) -> int:
    """Write the file, readable by its owner only, and count the links; a file of that name is replaced when whole.

    `UsageError` where it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", newline="", encoding="utf-8"
        ) as file:
            count = _write(file, rows)
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}. Name a file in a folder that you may write to.") from None
    finally:
        draft.unlink(missing_ok=True)
    return count


def _write(file: TextIO, rows: Iterable[LinkRow]) -> int:
    lines = csv.writer(file)
    lines.writerow(COLUMNS)
    count = 0
    for row in rows:
        opens_at = row.opens_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        lines.writerow([plain(row.address), plain(row.team), opens_at, plain(row.link)])
        count += 1
    return count
