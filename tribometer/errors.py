"""Every error a user can meet, as one tree.

::

    TribometerError
    ├── UsageError            wrong arguments; exit code 2
    │   └── ConfigurationError    a setting is unknown, of a wrong type, or missing
    │       └── SecretMissing     a secret has no value where it should stand
    ├── StoreError            the event store or the record store cannot be used; terminal
    │   ├── StoreBusy         another process holds it; transient, exit code 4
    │   └── StoreUnavailable      the server of the records does not answer; transient
    ├── SourceError           a source could not be read; the other sources go on
    │   ├── SourceUnavailable     it may answer later; transient
    │   │   └── SourceBusy        it limits how often it is asked; later it answers
    │   └── SourceGone            it is not there, or not what it should be; terminal
    │       ├── SourceForbidden   the credential does not allow this
    │       └── SourceMissing     this one thing is not there (any more)
    └── EventRejected         one event cannot land; it is kept with the reason

    Ended                     no error: the process is about to end, as by an interrupt

The message of each says what happened and what to do next; the facts stand in attributes.
``transient`` tells a scheduler whether trying again later can help.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


class TribometerError(Exception):
    """Root of all errors that are shown to a user without a traceback."""

    exit_code = 1
    transient = False


class UsageError(TribometerError):
    """The command was called with arguments that make no sense together."""

    exit_code = 2


class ConfigurationError(UsageError):
    """A setting is unknown, of a wrong type, or missing.

    Attributes: ``key`` (dotted name of the setting), ``origin`` (file or environment variable), ``problem``, ``fix``.
    """

    def __init__(self, key: str, origin: str, problem: str, fix: str) -> None:
        """Keep the facts and word them as one sentence with the fix behind it."""
        super().__init__(f"{origin}: {key}: {problem}. {fix}")
        self.key = key
        self.origin = origin
        self.problem = problem
        self.fix = fix


class SecretMissing(ConfigurationError):
    """A secret has no value where it should stand, or one that cannot be it; what does not need it can go on."""


class StoreError(TribometerError):
    """The event store or the record store cannot be read or written."""


class StoreBusy(StoreError):
    """Another process holds the store.

    Attributes: ``path`` of the store, ``holder`` (process id, or None when unknown).
    """

    exit_code = 4
    transient = True

    def __init__(self, path: Path, holder: int | None, command: str | None = None) -> None:
        """Say who holds the store and what to do about it."""
        who = f"process {holder}" if holder else "another process"
        what = f" ({command})" if command else ""
        starts = (
            " A service that is just starting answers in a moment: try again."
            if "up" in (command or "").split()
            else ""
        )
        super().__init__(
            f"{path} is in use by {who}{what}.{starts} Wait until it ends, stop it, "
            "or choose another data folder with TRIBOMETER_DATA.",
        )
        self.path = path
        self.holder = holder


class StoreClosed(StoreError):
    """The event store was closed while somebody read it: what was asked for comes to nothing."""

    def __init__(self) -> None:
        """Say what goes on."""
        super().__init__("the store is closed: the service ends. Start it again.")


class StoreUnavailable(StoreError):
    """The server of the record store does not answer now; a later try may succeed."""

    transient = True


class SourceError(TribometerError):
    """A source could not be read; ``source`` names it, e.g. ``git:acme/checkout``."""

    def __init__(self, source: str, problem: str, fix: str) -> None:
        """Name the source first, so that a list of errors reads as a list of sources."""
        super().__init__(f"{source}: {problem}. {fix}")
        self.source = source
        self.problem = problem
        self.fix = fix


class SourceUnavailable(SourceError):
    """The source did not answer now; a later try may succeed."""

    transient = True


class SourceBusy(SourceUnavailable):
    """The source limits its requests for longer than the collection waits; ``until`` when, if it says."""

    def __init__(self, source: str, problem: str, fix: str, until: datetime | None = None) -> None:
        """Keep when it answers again beside the words."""
        super().__init__(source, problem, fix)
        self.until = until


class SourceGone(SourceError):
    """The source is not there, or is not what the configuration says it is."""


class SourceForbidden(SourceGone):
    """The source refuses this to the credential; other parts of it may be allowed."""


class SourceMissing(SourceGone):
    """The source has nothing at this address; other parts of it may be there."""


class EventRejected(TribometerError):
    """One event cannot land. ``reason`` says why and what would be accepted."""

    exit_code = 3

    def __init__(self, reason: str) -> None:
        """Keep the reason as it will be stored beside the event."""
        super().__init__(reason)
        self.reason = reason


class Ended(BaseException):
    """The process is about to end: like an interrupt, nobody on the way may take it for a failure."""
