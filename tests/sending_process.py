"""Sends what is due of a folder to a mail server on this machine: a process that a test may kill."""

from __future__ import annotations

import sys
from pathlib import Path

from survey_mailing import Clock, mail_settings, opened_records, outbox
from tribometer.service.delivery.mail import Mailer


def send(folder: str, port: str) -> None:
    """Send until nothing is left."""
    store = opened_records(Path(folder), Clock())
    box = outbox(store.surveys, Clock(), {"email": Mailer(mail_settings(int(port)))})
    while box.send_due().sent:
        pass
    store.close()


if __name__ == "__main__":
    send(*sys.argv[1:])
