"""kill -9 at any moment of a delivery: nobody is invited twice, and whoever may have been missed is listed."""

import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from mail_sinks import Sink, sink
from survey_mailing import MONDAY, Clock, opened_records, outbox, wave_of
from tribometer.store.records.surveys import Surveys

pytestmark = pytest.mark.slow

PEOPLE, KILLS = 200, 12


def sending(folder: Path, port: int) -> subprocess.Popen[bytes]:
    script = Path(__file__).with_name("sending_process.py")
    command = [sys.executable, str(script), str(folder), str(port)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def killed(process: subprocess.Popen[bytes], kept: Sink, random: Random) -> bool:
    """Kill it after it sent some, at a moment that may lie between a hand-over and its note."""
    enough = len(kept.recipients) + random.randrange(1, 12)
    while process.poll() is None and len(kept.recipients) < enough:
        time.sleep(0.0005)
    time.sleep(random.uniform(0, 0.01))
    process.kill()
    process.communicate()
    return process.returncode == -9


def addresses(surveys: Surveys, wave: int, state: Any) -> list[str | None]:
    """Whose messages are in a state."""
    of = {each.number: each.address for each in surveys.invitations(wave)}
    return [of[each.invitation] for each in surveys.messages(wave, state)]


def test_a_delivery_that_is_killed_at_random_writes_to_nobody_twice_and_forgets_nobody(tmp_path: Path) -> None:
    random = Random(1)  # noqa: S311 - moments, no secrets
    store = opened_records(tmp_path, Clock())
    wave = wave_of(store.surveys, PEOPLE)
    store.close()
    with sink(Sink(pause=0.003)) as kept:
        kills = sum(killed(sending(tmp_path, kept.port), kept, random) for _ in range(KILLS))
        last = sending(tmp_path, kept.port)
        said, _ = last.communicate(timeout=120)
    assert last.returncode == 0, said.decode()
    clock = Clock(MONDAY + timedelta(minutes=11))
    store = opened_records(tmp_path, clock)
    told = outbox(store.surveys, clock, {}).send_due()
    of = {state: addresses(store.surveys, wave.number, state) for state in ("sent", "unsure", "waiting")}
    store.close()
    assert kills >= KILLS // 2
    assert max(Counter(kept.recipients).values()) == 1
    assert told.unsure == len(of["unsure"]) <= kills
    assert of["waiting"] == []
    assert set(of["sent"]) <= set(kept.recipients) <= {*of["sent"], *of["unsure"]}
    assert len(of["sent"]) + len(of["unsure"]) == PEOPLE
