"""The service as it is started, by a clock that a test sets: surveys are looked at every second instead of each minute.

Invitations are sent in working hours only, so a test that ran on a Sunday would wait until Monday.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

from tribometer import clock


def serve(ahead: str, *arguments: str) -> None:
    """Run a command of the real command line whose clock is so many seconds ahead of this machine's."""
    seconds = timedelta(seconds=float(ahead))
    clock.now_utc = lambda: datetime.now(UTC) + seconds
    # whoever is told the time takes the clock when it is imported
    from tribometer.service import serving  # noqa: PLC0415
    from tribometer.service.cli import main  # noqa: PLC0415
    from tribometer.service.timing import Schedule  # noqa: PLC0415

    serving.EVERY_MINUTE = Schedule(timedelta(seconds=1))
    main(list(arguments))


if __name__ == "__main__":
    serve(*sys.argv[1:])
