"""git as a child process: a clean environment, no network unless asked for, and what its complaints mean."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

from tribometer.errors import SourceError, SourceGone, SourceUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import IO

TRANSPORTS = "https:ssh:git:file"
OFFLINE = "none"
BARRED = re.compile(rb"Failed to traverse parents of commit ([0-9a-f]+)")
OBJECT_NAME = re.compile(rb"\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b")
NO_REPOSITORY = re.compile("not a git repository|not appear to be a git repository|[Rr]epository .*not found")
CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")


class GitFailed(Exception):
    """A git process ended badly; ``complaint`` is its standard error, without credentials."""

    def __init__(self, complaint: bytes) -> None:
        """Keep what git said.

        ``missing`` is the first object it names; ``child`` the commit whose parents it could not follow.
        """
        self.complaint = CREDENTIALS.sub("", complaint.decode("utf-8", "replace")).strip()
        found = OBJECT_NAME.search(complaint)
        self.missing = found[0].decode() if found else None
        barred = BARRED.search(complaint)
        self.child = barred[1].decode() if barred else None
        super().__init__(self.complaint)

    def translated(self, source: str, place: str) -> SourceError:
        """Say it as an error of the source at ``place`` (a path or URL), with what to do next."""
        said = self.complaint
        if "dubious ownership" in said:
            fix = "Set `path` to the repository's top folder, or let the owner of the folder run the collection"
            return SourceGone(source, f"{place} belongs to another user", fix)
        if NO_REPOSITORY.search(said):
            return SourceGone(source, f"{place} is no git repository", "Correct `path` or `url`, or remove the source")
        if self.missing:
            fix = "`git fsck` shows the damage; `git fetch --refetch` or a fresh clone mends it"
            return SourceGone(source, f"{place} cannot read object {self.missing}", fix)
        last = said.splitlines()[-1] if said else "git failed without a word"
        return SourceUnavailable(source, f"{place}: {last}", "Try the same with git by hand, then collect again")


def environment(transports: str = OFFLINE, shallow: str = os.devnull) -> Mapping[str, str]:
    """Environment of a git process: whatever git's variables were, they do not reach it.

    Reading never uses the network nor the user's settings, so a partial clone does not fetch what it lacks and a
    page of numbers does not depend on who collected it. With ``transports`` the user's credential helpers hold.
    ``shallow`` lists the commits whose parents git takes for absent; by default none, so that all parents are named.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "SSH_ASKPASS"))}
    fixed = {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_GRAFT_FILE": os.devnull,
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": transports,
    }
    if transports != OFFLINE:
        return inherited | fixed
    alone = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_SHALLOW_FILE": shallow,
        # attributes staged in a checkout would decide which files count as binary
        "GIT_INDEX_FILE": "absent-index",
    }
    return inherited | fixed | alone


def start(
    arguments: Sequence[str | Path],
    *,
    folder: Path,
    stdin: IO[bytes] | int,
    stderr: IO[bytes] | int,
    settings: Mapping[str, str],
) -> subprocess.Popen[bytes]:
    """Start git in ``folder`` with the environment ``settings``.

    It leads a process group, so that it can be stopped with all it started.
    """
    program = shutil.which("git")
    if program is None:
        raise GitFailed(b"git is not installed, or not on PATH")
    return subprocess.Popen(  # noqa: S603 - no shell, and what comes from outside is never in an option's place
        [program, *arguments],
        cwd=folder,
        env=settings,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        start_new_session=True,
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and whatever it started; nothing happens when it has ended by itself."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe:
            pipe.close()


def run(
    arguments: Sequence[str | Path],
    *,
    folder: Path,
    stdin: bytes = b"",
    settings: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> bytes:
    """Run git to its end and return its output; raise `GitFailed` when it fails or takes over ``timeout`` seconds."""
    pipe = subprocess.PIPE
    process = start(arguments, folder=folder, stdin=pipe, stderr=pipe, settings=settings or environment())
    try:
        output, complaint = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired:
        raise GitFailed(b"git did not finish within %d seconds" % (timeout or 0)) from None
    finally:
        stop(process)
    if process.returncode:
        raise GitFailed(complaint)
    return output
