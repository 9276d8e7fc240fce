"""Collecting everything from the server of `github_collect.py` into an empty store.

python benchmarks/github/collect.py URL AT_ONCE    prints its figures as one JSON document
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from collectors import sync
from collectors.github.collector import GitHubSettings
from tribometer.store import EventStore

VARIABLE = "BENCHMARK_TOKEN"


def collect(url: str, at_once: int) -> dict[str, Any]:
    """Collect into an empty store."""
    table = {"kind": "github", "owner": "acme", "url": url, "token": {"env": VARIABLE}, "at_once": at_once}
    with tempfile.TemporaryDirectory() as folder, EventStore.open(Path(folder) / "data") as store:
        collector = GitHubSettings.model_validate(table).collector(Path(folder))
        began = time.perf_counter()
        summary = sync.run(collector, store)
        seconds = time.perf_counter() - began
        with store.reader() as reader:
            [(changes, runs)] = reader.rows("SELECT (SELECT count(*) FROM changes), (SELECT count(*) FROM runs)")
    if summary.error or summary.rejected:
        raise SystemExit(f"{summary.error or summary.rejected}")
    return {
        "seconds": seconds,
        "derived": seconds - summary.seconds,
        "events": summary.new + summary.updated + summary.unchanged,
        "requests": summary.requests,
        "changes": changes,
        "runs": runs,
    }


if __name__ == "__main__":
    os.environ[VARIABLE] = "x"
    figures = collect(sys.argv[1], int(sys.argv[2]))
    print(json.dumps({**figures, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
