"""One repository on disk: its refs, its commit graph and its raw objects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from collectors.git.process import GitFailed, environment, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

BATCH_HEADER = re.compile(rb"([0-9a-f]+) (commit|tag|tree|blob) (\d+)\Z")
SETTINGS = (
    "-c", "mailmap.blob=HEAD:.mailmap",
    # mapped packs count as memory; a small window costs no time
    "-c", "core.packedGitLimit=64m",
    "-c", "core.packedGitWindowSize=8m",
)  # fmt: skip
HOLES = 100
"""Missing commits around which a history is still read; each takes a walk."""


@dataclass(frozen=True)
class GitObject:
    """A raw object: its type (commit, tag, tree, blob) and its content."""

    type: str
    content: bytes


@dataclass(frozen=True)
class History:
    """A walk through the commit graph.

    ``shas``: parents before children. ``ends``: commits of which some parents are not here (a shallow clone, a hole).
    ``missing``: the first object without which the graph has a hole, None when it has none. ``bounded``: commits were
    left out for their age.
    """

    shas: Sequence[str]
    ends: frozenset[str]
    missing: str | None = None
    bounded: bool = False

    def cuts(self, sha: str, parents: Iterable[str]) -> bool:
        """Tell whether parents of a commit were left out: they are not here, or nobody asked for them."""
        return sha in self.ends or (self.bounded and not self._within.issuperset(parents))

    @cached_property
    def _within(self) -> frozenset[str]:
        return frozenset(self.shas)


@dataclass(frozen=True)
class GitRepository:
    """A repository by its git directory, whatever kind of clone or worktree it was found through.

    Every process runs inside the git directory as if it were bare: attributes and mailmap of a checkout that
    somebody works in cannot change what is collected; the mailmap is the one committed at HEAD.
    """

    git_dir: Path

    @classmethod
    def at(cls, path: Path) -> GitRepository:
        """Find the repository that ``path`` is, or lies in; raise `GitFailed` when there is none."""
        if not path.is_dir():
            raise GitFailed(b"not a git repository: there is no such folder")
        # of the configured folder it is known that the operator wants it read, whoever owns it
        trusted = f"safe.directory={path.resolve()}"
        found = run(["-c", trusted, "rev-parse", "--absolute-git-dir"], folder=path)
        return cls(Path(found.decode("utf-8", "surrogateescape").removesuffix("\n")))

    @property
    def folder(self) -> Path:
        """Folder that all worktrees of the repository share: the bare repository, or the ``.git`` of the main one."""
        common = self.git("rev-parse", "--git-common-dir").decode("utf-8", "surrogateescape").removesuffix("\n")
        return (self.git_dir / common).resolve()

    def arguments(self, *arguments: str) -> Sequence[str]:
        """Put the options before ``arguments`` that make git read this repository and nothing else."""
        return ["--git-dir=.", *SETTINGS, *arguments]

    def git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run git here to its end."""
        return run(self.arguments(*arguments), folder=self.git_dir, stdin=stdin)

    @cached_property
    def remote(self) -> tuple[str, str] | None:
        """Name and URL of the remote: ``origin``, else the only one; None without."""
        try:
            listed = self.git("config", "-z", "--get-regexp", r"^remote\..*\.url$")
        except GitFailed:
            return None
        pairs = [entry.partition("\n") for entry in listed.decode("utf-8", "replace").split("\0") if entry]
        urls: dict[str, str] = {}
        for key, _, url in pairs:
            urls.setdefault(key.removeprefix("remote.").removesuffix(".url"), url)
        name = "origin" if "origin" in urls else next(iter(urls)) if len(urls) == 1 else None
        return (name, urls[name]) if name is not None else None

    def default_branch(self) -> str | None:
        """Branch that the remote, else this repository, calls its own; None when HEAD names no branch."""
        remote = self.remote
        for head in (*((f"refs/remotes/{remote[0]}/HEAD",) if remote else ()), "HEAD"):
            try:
                ref = self.git("symbolic-ref", "--quiet", head)
            except GitFailed:
                continue
            name = ref.decode("utf-8", "backslashreplace").removesuffix("\n")
            prefix = head.removesuffix("HEAD") or "refs/heads/"
            return name.removeprefix(prefix)
        return None

    def refs(self) -> Mapping[str, str]:
        """Object by ref: branches, the remote's branches and tags; no pull requests, notes or stashes.

        Without any of them (a bare check-out of one commit) HEAD stands for the branches.
        """
        remote = self.remote
        patterns = ["refs/heads", "refs/tags", *([f"refs/remotes/{remote[0]}"] if remote else [])]
        listed = self.git("for-each-ref", "--format=%(objectname) %(symref) %(refname)", *patterns)
        entries = [line.decode("utf-8", "backslashreplace").split(" ", 2) for line in listed.split(b"\n") if line]
        refs = {name: sha for sha, symref, name in entries if not symref}
        return refs or self._detached()

    def _detached(self) -> Mapping[str, str]:
        try:
            return {"HEAD": self.git("rev-parse", "--verify", "--quiet", "HEAD").decode().strip()}
        except GitFailed:
            return {}

    def commits(self, names: Iterable[str]) -> Mapping[str, str]:
        """Full sha of the commit that each object name leads to; left out are those that lead to none or to several."""
        asked = sorted(set(names))
        if not asked:
            return {}
        stdin = "".join(f"{name}^{{commit}}\n" for name in asked).encode()
        answers = self.git("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=stdin).split(b"\n")
        found = zip(asked, answers, strict=False)
        return {name: answer[:-7].decode() for name, answer in found if answer.endswith(b" commit")}

    def objects(self, shas: Iterable[str]) -> Mapping[str, GitObject]:
        """Read raw objects by their sha; those that are missing are left out."""
        asked = sorted(set(shas))
        if not asked:
            return {}
        output = self.git("cat-file", "--batch", stdin="".join(f"{sha}\n" for sha in asked).encode())
        found = {}
        position = 0
        while (end := output.find(b"\n", position)) >= 0:
            header = BATCH_HEADER.match(output[position:end])
            position = end + 1
            if header:
                size = int(header[3])
                found[header[1].decode()] = GitObject(header[2].decode(), output[position : position + size])
                position += size + 1
        return found

    @cached_property
    def shallow(self) -> frozenset[str]:
        """Commits at which a shallow clone ends: their parents exist elsewhere."""
        path = self.git("rev-parse", "--git-path", "shallow").decode("utf-8", "surrogateescape")
        file = self.git_dir / path.removesuffix("\n")
        return frozenset(file.read_text().split()) if file.is_file() else frozenset()

    def history(self, tips: Iterable[str], known: Iterable[str], *options: str) -> History:
        """Walk from ``tips`` to what is reachable from ``known``; where the graph has a hole, the walk ends there."""
        ends = self.shallow
        wanted = "".join([*(f"{tip}\n" for tip in tips), *(f"^{sha}\n" for sha in known)]).encode()
        with TemporaryDirectory() as folder:
            shallow = Path(folder) / "shallow"
            shallow.write_text("\n".join(sorted(ends)))
            settings = environment(shallow=str(shallow))
            try:
                shas = self._walk(wanted, settings, "--topo-order", "--reverse", *options)
            except GitFailed as failed:
                heads = wanted.partition(b"^")[0]
                ends = self._fence(heads, shallow, ends)
                shas = self._walk(wanted, settings, "--topo-order", "--reverse", *options)
                return History(shas, ends, failed.missing, bounded=bool(options))
        return History(shas, ends, bounded=bool(options))

    def _walk(self, wanted: bytes, settings: Mapping[str, str], *options: str) -> Sequence[str]:
        command = self.arguments("rev-list", *options, "--stdin")
        return run(command, folder=self.git_dir, stdin=wanted, settings=settings).decode().split()

    def _fence(self, heads: bytes, shallow: Path, ends: frozenset[str]) -> frozenset[str]:
        """Declare the children of missing commits to be where history ends, one walk for each hole."""
        for _ in range(HOLES):
            try:
                self._walk(heads, environment(shallow=str(shallow)))
            except GitFailed as failed:
                if failed.child is None or failed.child in ends:
                    raise
                ends |= {failed.child}
                shallow.write_text("\n".join(sorted(ends)))
            else:
                break
        return ends
