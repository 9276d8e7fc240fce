"""An answer of a gigabyte, plain or packed, costs neither the memory nor the time of a gigabyte."""

import subprocess
import sys

import pytest

from loopback import Raw, Told, bomb, script, serving, zeros

GIGABYTE = 1 << 30
MOST_MEGABYTES = 250
"""For an answer that may have 64 MB: those, and once more while they grow."""
ASKING = """
import resource, sys
from collectors.http.client import Client
from collectors.http.server import Server
from tribometer.errors import SourceError

with Client(Server("forge:acme", sys.argv[1], sleep=lambda _: None)) as client:
    client.get("/small")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        client.get("/large")
    except SourceError as error:
        print(error)
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize(
    ("large", "words"),
    [
        (zeros(GIGABYTE), "/large answers with more than 64 MB. Ask its operator why"),
        (bomb(GIGABYTE), "/large answers with more than 64 MB. Ask its operator why"),
        (
            bomb(GIGABYTE, times=2),
            "/large: the answer is packed in a way that was not asked for. What was read is kept",
        ),
    ],
    ids=["plain", "packed", "packed twice"],
)
def test_an_answer_of_a_gigabyte_is_refused_within_bounded_memory(large: Raw, words: str) -> None:
    with serving(script(Told([]), large)) as server:
        command = [sys.executable, "-c", ASKING, server.url]
        said, megabytes = subprocess.run(
            command, capture_output=True, check=True, text=True, timeout=60
        ).stdout.splitlines()
    assert words in said
    assert int(megabytes) < MOST_MEGABYTES
