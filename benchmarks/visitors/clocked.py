"""The service as it is started, by a clock that is so many seconds ahead: the generated data ends on a day of its own.

python benchmarks/visitors/clocked.py SECONDS ARGUMENTS    the arguments are those of `tribometer`
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

from tribometer import clock


def command(ahead: str, *arguments: str) -> None:
    """Run a command of the real command line by the other clock."""
    seconds = timedelta(seconds=float(ahead))
    clock.now_utc = lambda: datetime.now(UTC) + seconds
    from tribometer.service.cli import main  # noqa: PLC0415 - whoever is told the time takes the clock when imported

    main(list(arguments))


if __name__ == "__main__":
    command(*sys.argv[1:])
