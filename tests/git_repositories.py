"""Small real repositories for tests: fixed people and times, one step a method."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

EPOCH = 1_700_000_000
HOUR = 3600


@dataclass
class Workbench:
    """A repository under construction; the clock moves one hour with every commit and tag."""

    path: Path
    hours: int = 0
    people: dict[str, str] = field(default_factory=lambda: {"NAME": "Ada", "EMAIL": "ada@example.org"})

    @classmethod
    def new(cls, path: Path, *options: str) -> Workbench:
        """Make an empty repository with the branch main."""
        path.mkdir(parents=True, exist_ok=True)
        bench = cls(path)
        bench.git("init", "--quiet", "--initial-branch=main", *options, ".")
        return bench

    def git(self, *arguments: str, stdin: bytes = b"", settings: Mapping[str, str] | None = None) -> str:
        """Run git here; return its output without the last newline."""
        dates = {f"GIT_{role}_DATE": f"{self.now} +0200" for role in ("AUTHOR", "COMMITTER")}
        people = {f"GIT_{role}_{key}": it for role in ("AUTHOR", "COMMITTER") for key, it in self.people.items()}
        plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        run = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env=plain | alone | dates | people | dict(settings or {}),
            input=stdin,
            capture_output=True,
            check=True,
        )
        return run.stdout.decode("utf-8", "replace").removesuffix("\n")

    @property
    def now(self) -> int:
        """Seconds since 1970 on the bench's clock."""
        return EPOCH + self.hours * HOUR

    @property
    def time(self) -> datetime:
        """The bench's clock as events carry it."""
        return datetime.fromtimestamp(self.now, UTC)

    def commit(self, message: str = "work", files: dict[str, str | bytes] | None = None, **settings: str) -> str:
        """Commit these files and return the sha."""
        self.hours += 1
        for name, content in (files or {"file": f"{self.hours}\n"}).items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message, settings=settings)
        return self.head

    def tag(self, name: str, target: str = "HEAD", *options: str) -> None:
        """Tag something; annotated when the options say so."""
        self.hours += 1
        self.git("tag", *options, name, target)

    def raw_commit(self, content: bytes) -> str:
        """Write a commit object byte by byte, as broken tools do, and let main point at it."""
        sha = self.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=content)
        self.git("update-ref", "refs/heads/main", sha)
        return sha

    def lose(self, name: str) -> str:
        """Delete one loose object; return its sha."""
        sha = self.git("rev-parse", name)
        (self.path / ".git/objects" / sha[:2] / sha[2:]).unlink()
        return sha

    @property
    def head(self) -> str:
        """Sha of HEAD."""
        return self.git("rev-parse", "HEAD")
