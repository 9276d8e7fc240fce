"""Collect a clone into a temporary store, beside ``git log --numstat`` to nowhere on the same machine.

    python benchmarks/git_collect.py CLONE

The claim: collecting, parsing and storing a whole history is not slower than git alone printing it, on two cores,
and takes less than 500 MB. Exits with 1 when it does not hold.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from collectors import build
from collectors.sync import SyncSummary, run
from tribometer.store import EventStore

MEGABYTES = 500


def collected(clone: Path) -> SyncSummary:
    """Collect into a store that is thrown away."""
    with tempfile.TemporaryDirectory() as folder, EventStore.open(Path(folder)) as store:
        collector = build({"kind": "git", "path": str(clone)}, origin="benchmark", data=Path(folder))
        return run(collector, store)


def printed_by_git(clone: Path) -> float:
    """Seconds that one ``git log --numstat`` takes over the same branches and tags."""
    began = time.perf_counter()
    command = ["git", "-C", str(clone), "log", "--numstat", "--branches", "--tags", "--remotes=origin"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - the benchmark's own clone
    return time.perf_counter() - began


def peak_megabytes() -> tuple[float, float]:
    """Largest resident size so far of this process, and of the largest git process."""
    own, child = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own / 1024, child / 1024


def main() -> int:
    """Measure, print, and say whether the claim holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clone", type=Path)
    clone = parser.parse_args().clone
    summary = collected(clone)
    own, child = peak_megabytes()
    alone = printed_by_git(clone)
    ratio = summary.seconds / alone
    print(f"events {summary.new}  rejected {summary.rejected}  error {summary.error}")
    print(f"collected in {summary.seconds:.1f} s, git log --numstat {alone:.1f} s, ratio {ratio:.2f}")
    print(f"peak memory: {own:.0f} MB, each of two git processes at most {child:.0f} MB")
    return 0 if ratio <= 1 and own < MEGABYTES and summary.error is None else 1


if __name__ == "__main__":
    sys.exit(main())
