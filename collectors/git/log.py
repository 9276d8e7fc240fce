"""What git prints about commits, tags and files, as values; pure, over bytes.

One record is one commit as ``git diff-tree --stdin -z --numstat`` prints it under `FORMAT`::

    NUL NUL 0x02  sha tree author-time committer-time parents…  LF
    name LF e-mail LF trailers LF message  NUL
    [NUL LF  added TAB removed TAB path NUL  …]

No message, name or path can hold a NUL, and a path is never empty, so `MARK` occurs nowhere else.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MARK = b"\0\0\x02"
FORMAT = (
    "%x00%x00%x02%H %T %at %ct %P%n%aN%n%aE%n"
    "%(trailers:only=true,unfold=true,separator=%x1e,key_value_separator=%x1f)%n%B%x00"
)
REVERTS = re.compile(rb"^This reverts commit ([0-9a-f]{7,64})\b", re.MULTILINE)
STAMP = rb"^%s [^\n]*?(-?\d+)(?: [+-]\d+)?$"
BOT = re.compile(
    r"\[bot\](@|$)|[-_](ro)?bot(@|$)|^(ro)?bot(@|$)"
    r"|^(dependabot|renovate|greenkeeper|(github|gitea|forgejo)-actions|gitlab-ci|pre-commit-ci|semantic-release)\b"
    r"|^((project|group)_\d+_bot|service_account_)",
    re.IGNORECASE,
)
"""A word of its own or a suffix after ``-`` or ``_``: Abbot and Talia Bot are people."""


class Unreadable(ValueError):
    """A record lacks what a commit event needs; the message is the reason to keep beside it."""


def split_records(chunks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Cut a stream of any chunking into whole records, in batches as they complete."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(MARK)
        if whole := [record for record in whole if record]:
            yield whole
    if rest:
        yield [rest]


def record_sha(record: bytes) -> str:
    """Sha of the commit that a record tells about."""
    return record[: record.index(b" ")].decode()


def parse_commit(record: bytes, *, counted: bool = True) -> dict[str, Any]:
    """Fields of the commit event that git knows, without source and repository.

    ``counted=False``: the record was printed without counts, so lines and files are unknown, not 0. Merges have none
    either: a merge adds no code of its own (E4). Renames count as a removal and an addition, because finding them
    costs as much as all the rest. Raise `Unreadable` when neither of the commit's times can be read.
    """
    header, _, numbers = record.partition(b"\0")
    first, name, email, trailers, message = header.split(b"\n", 4)
    sha, tree, authored, committed, *parents = first.decode().split(" ")
    parents = [parent for parent in parents if parent]
    person, mail = text(name), text(email)
    fields: dict[str, Any] = {
        "sha": sha,
        "tree_sha": tree,
        "parents": parents,
        "author": mail or person or None,
        **commit_times(authored, committed),
    }
    if BOT.search(person) or BOT.search(mail):
        fields["author_kind"] = "bot"
    if trailers:
        fields["trailers"] = parse_trailers(trailers)
    if b"This reverts commit" in message and (found := REVERTS.search(message)):
        fields["reverts"] = found[1].decode()
    if counted and len(parents) <= 1:
        fields |= parse_counts(numbers)
    return fields


def parse_counts(numbers: bytes) -> dict[str, Any]:
    """Sums and files of one commit's numstat; binary files count as files without lines."""
    changes = []
    additions = deletions = 0
    for entry in numbers[2:].split(b"\0"):
        if not entry:
            continue
        added, removed, path = entry.split(b"\t", 2)
        change: dict[str, Any] = {"path": text(path)}
        if added != b"-":
            change["additions"], change["deletions"] = int(added), int(removed)
            additions += change["additions"]
            deletions += change["deletions"]
        changes.append(change)
    return {"additions": additions, "deletions": deletions, "files": len(changes), "file_changes": changes}


def parse_trailers(trailers: bytes) -> dict[str, list[str]]:
    """Trailer values in their order, by lower-case name."""
    found: dict[str, list[str]] = {}
    for trailer in text(trailers).split("\x1e"):
        name, _, value = trailer.partition("\x1f")
        found.setdefault(name.strip().lower(), []).append(value.strip())
    return found


def commit_times(authored: str, committed: str) -> dict[str, datetime]:
    """Both times of a commit; one that no calendar holds is replaced by the other, which keeps the commit."""
    written, entered = instant(authored), instant(committed)
    kept = written or entered
    if kept is None:
        raise Unreadable(f"author time {authored!r} and committer time {committed!r} lie outside the years 1 to 9999")
    return {"authored_at": kept, "committed_at": entered or kept}


def instant(seconds: str) -> datetime | None:
    """Seconds since 1970 as git prints them; None for what is no time within the years 1 to 9999."""
    try:
        return EPOCH + timedelta(seconds=int(seconds))
    except (ValueError, OverflowError):
        return None


def stamp(content: bytes, role: str) -> datetime | None:
    """Time in the ``tagger``, ``author`` or ``committer`` line of a raw tag or commit; None when it has none."""
    headers = content.partition(b"\n\n")[0]
    found = re.search(STAMP % role.encode(), headers, re.MULTILINE)
    return instant(found[1].decode()) if found else None


def text(raw: bytes) -> str:
    """Decode UTF-8 and show what is not UTF-8 as the replacement character."""
    return raw.decode("utf-8", "replace")
