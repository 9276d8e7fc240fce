"""``tribometer collect`` on a clone into an empty data folder, beside ``git log --numstat`` to nowhere.

    python benchmarks/git_collect.py CLONE

The claim: collecting, parsing and storing a whole history is not slower than git alone printing it, on two cores,
and takes less than 500 MB. Exits with 1 when it does not hold. Where git itself is done within seconds the start of
the command, shown as a row of its own, outweighs everything: no claim is made about such a clone.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MEGABYTES = 500
SHORT = 5.0
"""Seconds of git alone under which nothing is claimed."""


def printed_by_git(clone: Path) -> float:
    """Seconds that one ``git log --numstat`` takes over the same branches and tags."""
    began = time.perf_counter()
    command = ["git", "-C", str(clone), "log", "--numstat", "--branches", "--tags", "--remotes=origin"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - the benchmark's own clone
    return time.perf_counter() - began


def collected(clone: Path, folder: str) -> float:
    """Seconds of the whole command, its start included; it prints its own table."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "tribometer", "--data", folder, "collect"]
    subprocess.run(command, cwd=clone, check=True)  # noqa: S603 - as above
    return time.perf_counter() - began


def peak_megabytes() -> float:
    """Resident size of the largest process started so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> int:
    """Measure, print, and say whether the claim holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clone", type=Path)
    clone = parser.parse_args().clone
    with tempfile.TemporaryDirectory() as folder:
        seconds, started = collected(clone, folder), collected(clone, folder)
    peak = peak_megabytes()
    alone = printed_by_git(clone)
    print(f"collected in {seconds:.1f} s, git log --numstat {alone:.1f} s, ratio {seconds / alone:.2f}")
    print(f"of that the start and end of the command, with nothing new to collect: {started:.1f} s")
    print(f"peak memory of the largest process {peak:.0f} MB")
    return 0 if (seconds <= alone or alone < SHORT) and peak < MEGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())
