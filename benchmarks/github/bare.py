"""The questions that `github_collect.py` had asked, asked again bare: what comes is parsed as JSON and dropped.

python benchmarks/github/bare.py URL AT_ONCE    prints its figures as one JSON document
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any
from urllib.parse import urlsplit

import httpx

Question = tuple[str, str, str]
"""Method, path and body."""


def fetch(url: str, at_once: int) -> dict[str, Any]:
    """Ask everything in the log of the server."""
    mine = local()

    def ask(question: Question) -> int:
        if not hasattr(mine, "client"):
            mine.client = httpx.Client(base_url=url)
        method, path, body = question
        json.loads(mine.client.request(method, path, content=body or None).content)
        return 1

    questions = httpx.get(f"{url}/log").json()
    began = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        asked = sum(pool.map(ask, questions))
    return {"seconds": time.perf_counter() - began, "requests": asked, "questions": Counter(map(_kind, questions))}


def _kind(question: Question) -> str:
    operation = re.search(r"query (\w+)", question[2])
    return operation[1] if operation else urlsplit(question[1]).path.rpartition("/")[2]


if __name__ == "__main__":
    figures = fetch(sys.argv[1], int(sys.argv[2]))
    print(json.dumps({**figures, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
