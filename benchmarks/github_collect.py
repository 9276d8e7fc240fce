"""Collecting a whole organisation from a GitHub on this machine into an empty store, beside fetching its pages bare.

    python benchmarks/github_collect.py [REPOSITORIES [CHANGES [RUNS]]]

By default 100 repositories with 1,000 pull requests each (two commits, two reviews and a request for a review each, and
a commit of the default branch) and 20 workflow runs with two jobs. The server is a process of its own that answers from
text made beforehand. Bare: the same questions, as many at once, with httpx and json.loads, and what comes is dropped.
Exits with 1 when the collecting process takes 500 MB or more.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SIZES = (100, 1_000, 20)
AT_ONCE = 4
MEGABYTES = 500
SCRIPTS = Path(__file__).parent / "github"


def measured(script: str, url: str) -> dict[str, Any]:
    """Run one of the two in a process of its own; its figures, and the megabytes it took at most."""
    command = [sys.executable, str(SCRIPTS / script), url, str(AT_ONCE)]
    figures: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)  # noqa: S603 - our own
    return figures


def main(sizes: Sequence[int]) -> int:
    """Measure, print, and say whether the claim holds."""
    repositories, changes, runs = sizes
    command = [sys.executable, str(SCRIPTS / "server.py"), *map(str, sizes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - as above
        try:
            url = f"http://127.0.0.1:{cast('IO[str]', server.stdout).readline().strip()}"
            collected, bare = measured("collect.py", url), measured("bare.py", url)
        finally:
            server.kill()
    print(f"{repositories} repositories, {changes:,} pull requests and {runs:,} runs each, {AT_ONCE} at once")
    print(f"{'':10}{'requests':>10}{'seconds':>10}{'peak MB':>10}")
    for name, figures in (("collected", collected), ("bare", bare)):
        print(f"{name:10}{figures['requests']:>10,}{figures['seconds']:>10.1f}{figures['megabytes']:>10.0f}")
    rate = collected["events"] / collected["seconds"]
    print(f"{collected['events']:,} events, {rate:,.0f} a second; ratio {collected['seconds'] / bare['seconds']:.1f}")
    print(f"of the seconds, derived tables at the end took {collected['derived']:.1f}")
    print_requests(collected, Counter(bare["questions"]))
    return 0 if collected["megabytes"] < MEGABYTES else 1


def print_requests(collected: Mapping[str, Any], questions: Counter[str]) -> None:
    """Print what pull requests and runs cost."""
    per_thousand = 1000 * questions["PullRequests"] / max(collected["changes"], 1)
    of_runs = 1000 * (questions["runs"] + questions["jobs"]) / max(collected["runs"], 1)
    print(f"requests for 1,000 pull requests {per_thousand:.0f}, for 1,000 runs with their jobs {of_runs:.0f}")


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    sys.exit(main([*given, *SIZES[len(given) :]]))
