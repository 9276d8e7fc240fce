"""What the collectors of a file that people keep share: it is a state, read in whole each time it has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from collectors.base import Defaults, Permission
from tribometer.clock import now_utc
from tribometer.errors import SourceGone, SourceMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from collectors.base import Cursor

WHOLE = (None,)
"""What a page of all the file says has read."""


@dataclass(frozen=True)
class FileCollector(Defaults):
    """One file; ``label`` is what the source is called behind its kind."""

    file: Path
    label: str
    clock: Callable[[], datetime] = now_utc

    kind: ClassVar[str]

    @property
    def name(self) -> str:
        """The events' source."""
        return f"{self.kind}:{self.label}"

    def starting(self, at: datetime) -> Cursor:
        """Cursor that reads the file as if for the first time: it is a state, and has no since."""
        del at
        return {}

    def check(self) -> Sequence[Permission]:
        """Read the file as a collection would; raise `SourceError` when that cannot be done."""
        self.parsed(self.decoded(self.content()))
        return [Permission("the file", granted=True, fix="")]

    def parsed(self, text: str) -> object:
        """What the text says; raise `SourceGone` for one that is no such file."""
        raise NotImplementedError

    def content(self) -> bytes:
        """What the file holds; raise `SourceError` with what to do when it cannot be read."""
        try:
            return self.file.read_bytes()
        except FileNotFoundError:
            raise SourceMissing(
                self.name, f"{self.file} is not there", "Put the file there, or correct `file`"
            ) from None
        except OSError as error:
            fix = "Check the file and who may read it"
            raise SourceGone(self.name, f"{self.file}: {error.strerror}", fix) from error

    def decoded(self, content: bytes) -> str:
        """The text of a UTF-8 file, with or without its mark; raise `SourceGone` for another encoding."""
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            at = error.start - content.rfind(b"\n", 0, error.start)
            problem = f"{self.file}, line {line}: not UTF-8 at byte {at} of the line"
            raise SourceGone(self.name, problem, 'Save the file as UTF-8, in Excel as "CSV UTF-8"') from None
