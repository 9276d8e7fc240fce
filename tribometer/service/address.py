"""``service.json``: where the service that holds a data folder answers, and the token its own user's commands send."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILE = "service.json"


def _new_token() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Address:
    """One running service: ``url`` without a slash at the end, its process id, and its local token."""

    url: str
    pid: int = field(default_factory=os.getpid)
    token: str = field(default_factory=_new_token, repr=False)

    def write(self, folder: Path) -> None:
        """Put the file in place at once and readable by its owner only."""
        draft = folder / f"{FILE}.{self.pid}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
        draft.replace(folder / FILE)

    @classmethod
    def read(cls, folder: Path) -> Address | None:
        """Return what the file says; None when there is none or it is not ours to read."""
        try:
            return cls(**json.loads((folder / FILE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    @staticmethod
    def forget(folder: Path) -> None:
        """Remove the file; for the service when it ends, and for whoever finds that it was killed."""
        (folder / FILE).unlink(missing_ok=True)
