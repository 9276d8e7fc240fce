"""Commit records out of two git processes side by side, in one order, whatever objects are missing."""

from __future__ import annotations

import os
import queue
import tempfile
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, cast

from collectors.git.log import FORMAT, record_sha, split_records
from collectors.git.process import GitFailed, environment, start, stop

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from concurrent.futures import Executor
    from typing import IO

    from collectors.git.repository import GitRepository

STRIPES = 2
BLOCK = 200
"""Commits in a row that one process reads: neighbours share trees and deltas, so it must not be 1."""
BATCH = 100
"""Commits handed from thread to thread at once."""
AHEAD = 64
"""Batches that a process may be ahead of the reader; bounds the memory."""
CHUNK = 256 * 1024
DEATHS = 10
"""Commits with unreadable files after which the rest is read without files: each costs two processes."""
COMMON = ("--stdin", "-z", "--no-ext-diff", "--no-textconv", "--encoding=UTF-8", f"--format={FORMAT}")
WITH_FILES = ("diff-tree", "--always", "--root", "-r", "--no-renames", "--numstat", *COMMON)
WITHOUT_FILES = ("log", "--no-walk=unsorted", "--ignore-missing", "--no-patch", "--no-show-signature", *COMMON)


@dataclass(frozen=True, slots=True)
class Raw:
    """What git printed for one commit.

    ``record`` is None when the commit itself cannot be read; ``counted`` says whether it holds files and lines;
    ``problem`` is what git said when it could not give them.
    """

    sha: str
    record: bytes | None
    counted: bool = True
    problem: str | None = None


def stream(repository: GitRepository, shas: Sequence[str]) -> Iterator[Raw]:
    """Yield a `Raw` for every sha in the order given, read by two processes in alternate blocks."""
    blocks = [shas[at : at + BLOCK] for at in range(0, len(shas), BLOCK)]
    stripes = [list(chain.from_iterable(blocks[first::STRIPES])) for first in range(STRIPES)]
    halt = threading.Event()
    with ThreadPoolExecutor(STRIPES) as executor:
        readers = [_ahead(_stripe(repository, stripe), executor, halt) for stripe in stripes]
        try:
            for number, block in enumerate(blocks):
                yield from islice(readers[number % STRIPES], len(block))
        finally:
            halt.set()


def without_files(repository: GitRepository, shas: Iterable[str]) -> Iterator[Raw]:
    """Yield a `Raw` without files for every sha, in order, touching no object but the commit."""
    pending = deque(shas)
    while pending:
        try:
            yield from _read(repository, WITHOUT_FILES, pending)
        except GitFailed as failed:
            # the record held back may be whole: only a commit that fails alone is to blame
            first = deque([pending.popleft()])
            try:
                yield from _read(repository, WITHOUT_FILES, first)
            except GitFailed:
                yield Raw(first[0], None, counted=False, problem=failed.complaint)


def _stripe(repository: GitRepository, shas: Iterable[str]) -> Generator[Raw]:
    pending = deque(shas)
    problem = None
    for _ in range(DEATHS):
        if not pending:
            return
        try:
            yield from _read(repository, WITH_FILES, pending)
        except GitFailed as failed:
            problem = failed.complaint
            yield from _alone(repository, pending.popleft())
    for raw in without_files(repository, pending):
        yield replace(raw, problem=raw.problem or problem)


def _alone(repository: GitRepository, sha: str) -> Iterator[Raw]:
    try:
        yield from _read(repository, WITH_FILES, deque([sha]))
    except GitFailed as failed:
        for raw in without_files(repository, [sha]):
            yield replace(raw, problem=failed.complaint)


def _read(repository: GitRepository, command: Sequence[str], pending: deque[str]) -> Iterator[Raw]:
    """Run one process over ``pending`` and take from it what comes, in its order.

    git passes over a commit that it cannot find: that yields a `Raw` without a record. Raise `GitFailed` when git
    ends badly; its last record is held back then, for it may be cut short.
    """
    counted = command is WITH_FILES
    with tempfile.TemporaryFile() as wanted, tempfile.TemporaryFile() as errors:
        wanted.write("".join(f"{sha}\n" for sha in pending).encode())
        wanted.seek(0)
        arguments = repository.arguments(*command)
        process = start(arguments, folder=repository.git_dir, stdin=wanted, stderr=errors, settings=environment())
        try:
            for record in chain.from_iterable(split_records(_chunks(process, errors))):
                sha = record_sha(record)
                yield from _skipped(pending, sha)
                yield Raw(sha, record, counted=counted)
        finally:
            stop(process)
    yield from _skipped(pending, None)


def _skipped(pending: deque[str], until: str | None) -> Iterator[Raw]:
    while pending and (sha := pending.popleft()) != until:
        yield Raw(sha, None, counted=False, problem=f"unable to read commit {sha}")


def _chunks(process: subprocess.Popen[bytes], errors: IO[bytes]) -> Iterator[bytes]:
    output = cast("IO[bytes]", process.stdout)  # it was started with a pipe
    while chunk := os.read(output.fileno(), CHUNK):
        yield chunk
    if process.wait():
        errors.seek(0)
        raise GitFailed(errors.read())


def _ahead(source: Generator[Raw], executor: Executor, halt: threading.Event) -> Iterator[Raw]:
    """Let a thread draw from ``source`` while its batches are worked on; its errors are raised here."""
    batches: queue.Queue[list[Raw]] = queue.Queue(AHEAD)

    def put(batch: list[Raw]) -> None:
        while not halt.is_set():
            try:
                return batches.put(batch, timeout=0.1)
            except queue.Full:
                continue
        return None

    def draw() -> None:
        try:
            while not halt.is_set() and (batch := list(islice(source, BATCH))):
                put(batch)
        finally:
            source.close()  # its process ends with it
            put([])

    drawing = executor.submit(draw)

    def taken() -> Iterator[Raw]:
        while batch := batches.get():
            yield from batch
        drawing.result()

    return taken()
