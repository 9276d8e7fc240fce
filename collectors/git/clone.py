"""Where a repository comes from: names and URLs of remotes, and clones kept in the data folder."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from collectors.git.process import TRANSPORTS, environment, run

if TYPE_CHECKING:
    from pathlib import Path

SCHEMES = ("https", "ssh", "git", "file")
SCP_LIKE = re.compile(r"(?:[\w.-]+@)?[\w.-]+:(?!:)(?!//)(?P<path>[^\s].*)")
BRANCHES = "+refs/heads/*:refs/heads/*"
TAGS = "+refs/tags/*:refs/tags/*"
ROUND_TRIPS = 2
"""Requests to the remote for one collection: what it has, and which branch it calls its own."""
QUIET_SETTINGS = ("-c", "gc.autoDetach=false", "-c", "maintenance.autoDetach=false", "-c", "core.hooksPath=/dev/null")


def checked_url(url: str) -> str:
    """Return the URL if git may fetch from it; raise `ValueError` with what to write instead.

    Only transports that run no command of the URL's choice are let through: ``ext::`` and the like are not.
    """
    parts = urlsplit(url)
    if url.startswith("-") or not (parts.scheme in SCHEMES or SCP_LIKE.fullmatch(url)):
        raise ValueError(f"git fetches by {', '.join(SCHEMES)} or user@host:path; for a clone on disk use `path`")
    if parts.password:
        raise ValueError("a password does not belong in the file; leave it to git's credential helper")
    if (parts.hostname or "").startswith("-") or url.partition("@")[2].startswith("-"):
        raise ValueError("a host name does not begin with a dash")
    return url


def without_credentials(url: str) -> str:
    """Drop user and password of a URL; ``user@host:path`` stays, its user is no secret."""
    parts = urlsplit(url)
    if not parts.scheme or "@" not in parts.netloc:
        return url
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def name_from_url(url: str) -> str | None:
    """``owner/repo`` of a remote's URL; None for a remote on disk, whose folders above say nothing."""
    parts = urlsplit(url)
    if parts.scheme in {"https", "http", "ssh", "git"} and parts.netloc:
        path = parts.path
    elif not parts.scheme.startswith("file") and (found := SCP_LIKE.fullmatch(url)):
        path = found["path"]
    else:
        return None
    return path.strip("/").removesuffix(".git") or None


def name_from_folder(path: Path | str) -> str:
    """Name of a folder, without what marks a bare clone or the ``.git`` within a worktree."""
    parts = [part for part in str(path).split("/") if part not in {"", ".git"}]
    return (parts[-1].removesuffix(".git") if parts else "") or "repository"


def clone_folder(data: Path, name: str, url: str) -> Path:
    """Folder of the clone of ``url``: readable, and of no other URL, whatever characters the name holds."""
    safe = re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-.")[:80] or "repository"
    return data / "clones" / f"{safe}-{hashlib.sha256(url.encode()).hexdigest()[:10]}.git"


def bring_up_to_date(folder: Path, url: str, timeout: float) -> None:
    """Make ``folder`` mirror the branches and tags of ``url``; raise `GitFailed` when that fails.

    An interrupted first fetch leaves a repository without refs, which the next one fills.
    """
    if not (folder / "HEAD").exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        run(["init", "--quiet", "--bare", "--template=", "."], folder=folder)
    settings = environment(TRANSPORTS)
    here = ["--git-dir=.", *QUIET_SETTINGS]
    fetch = ["fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head", "--", url, BRANCHES, TAGS]
    run([*here, *fetch], folder=folder, settings=settings, timeout=timeout)
    listed = run([*here, "ls-remote", "--symref", "--", url, "HEAD"], folder=folder, settings=settings, timeout=timeout)
    if head := re.match(rb"ref: (refs/heads/[^\t\n]+)\tHEAD\n", listed):
        run([*here, "symbolic-ref", "HEAD", head[1].decode("utf-8", "surrogateescape")], folder=folder)
