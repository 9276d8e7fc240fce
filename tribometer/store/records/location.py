"""Where the record store lies, and how to say so without its password."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from tribometer.errors import ConfigurationError, StoreError
from tribometer.store.store_files import RECORDS_FILE

if TYPE_CHECKING:
    from typing import Self

FILE_NAME = RECORDS_FILE
KEY = "records.url"
SHAPE = "Write it like postgresql://user:password@host:5432/database, with @ : / in the password as %40 %3A %2F."
POSTGRESQL, SQLITE = "postgresql", "sqlite"
DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "sqlite": "sqlite+pysqlite",
}


@dataclass(frozen=True)
class Location:
    """The database of the records; its representation holds no password."""

    url: URL

    @classmethod
    def of(cls, folder: Path, url: str | None = None) -> Self:
        """Read a URL, or take the file of the data folder; `ConfigurationError` for what is no such URL.

        What the URL holds is never quoted: where a password is mistyped, any part of it may be the password's.
        """
        if url is None:
            return cls(URL.create(DRIVERS[SQLITE], database=str(folder / FILE_NAME)))
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError):
            raise _refused("no database URL") from None
        driver = DRIVERS.get(parsed.drivername)
        if driver is None or (driver == DRIVERS[SQLITE] and not _is_file(parsed.database)):
            raise _refused("neither a PostgreSQL URL nor a SQLite file")
        if "@" in (parsed.host or "") or any("password" in name.lower() for name in parsed.query):
            raise _refused("a URL whose password does not stand between the user and the last @")
        return cls(parsed.set(drivername=driver))

    @property
    def file(self) -> Path | None:
        """The SQLite file; None for a server."""
        is_file = self.url.get_backend_name() == SQLITE and self.url.database
        return Path(self.url.database) if is_file and self.url.database else None

    def __str__(self) -> str:
        """The file, or the server's URL with *** for the password."""
        return str(self.file or self.url.set(drivername=POSTGRESQL).render_as_string(hide_password=True))

    def without_secret(self, text: str) -> str:
        """A driver's message as it may be shown."""
        secret = self.url.password
        return text.replace(str(secret), "***") if secret else text

    def make_file(self) -> None:
        """Make the SQLite file readable by its owner only, before SQLite would make it for everybody."""
        if self.file is None:
            return
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StoreError(
                f"{self.file} cannot be opened: {error.strerror}. Check the folder's rights and free space.",
            ) from error


def _is_file(database: str | None) -> bool:
    """Whether it is a path, and not SQLite's other ways to name a database, one of which keeps nothing."""
    return bool(database) and not str(database).startswith((":", "file:"))


def _refused(problem: str) -> ConfigurationError:
    return ConfigurationError(KEY, "configuration", f"this is {problem}", SHAPE)
