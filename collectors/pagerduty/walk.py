"""One collection of PagerDuty: a walk through time in windows.

The log entries of a window tell who answered when, for all its incidents in a request per hundred entries instead of
one per incident. An incident is remembered until the window in which it ended, and asked again when its log goes on or
it is no longer listed as open.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from collectors.base import Page
from collectors.http.exchange import Request
from collectors.http.paging import OffsetPages, listed, total_of
from collectors.pagerduty.parse import RESOLVED, History, Names, histories, parse_incident, parse_oncall
from collectors.parsed import Parsed, part
from collectors.times import instant
from tribometer.errors import SourceForbidden, SourceMissing
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collectors.base import Cursor
    from collectors.http.client import Client

SHORTEST = timedelta(hours=1)
MOST_IN_WINDOW = 1000
"""Of a list that is longer, the window is halved: PagerDuty gives none beyond 10 000, and a kill repeats less."""
OPEN = ("triggered", "acknowledged")
SHIFTS = "No on-call shift is known"


@dataclass
class Walk:
    """One collection: the client, and what is remembered of incidents that have not ended.

    One that ``begins`` remembers nothing: it takes in what is open although it was made before.
    """

    names: Names
    client: Client
    remembered: dict[str, History]
    begins: bool
    refused: set[str] = field(default_factory=set)
    remarks: list[Remark] = field(default_factory=list)

    @classmethod
    def of(cls, names: Names, client: Client, cursor: Cursor) -> Walk:
        """Go on from a cursor; an empty one begins."""
        remembered = {key: _history(told) for key, told in cursor.get("open", {}).items()}
        return cls(names, client, remembered, cursor.get("begins", "open" not in cursor))

    def window(self, at: datetime, until: datetime, now: datetime) -> tuple[datetime, Page]:
        """Read one window, a shorter one if it is too full; return where it ends and its page."""
        self.remarks.clear()
        while (entries := self._entries(at, until)) is None or (created := self._created(at, until)) is None:
            until = at + (until - at) / 2
        told = histories(entries, self.remembered)
        known = {str(part(raw, "id")) for raw in created}
        again = [each for each in self.remembered if each not in known and (each in told or until >= now)]
        incidents = [*created, *self._asked(again, told)]
        if self.begins and until >= now:
            seen = {str(part(raw, "id")) for raw in incidents} | self.remembered.keys()
            incidents += [raw for raw in self._open() if str(part(raw, "id")) not in seen]
        parsed = Parsed()
        for raw in incidents:
            key = str(part(raw, "id"))
            history = told.get(key) or self.remembered.get(key) or History()
            parse_incident(raw, history, self.names, parsed)
            self._remember(key, raw, history, until)
        self._shifts(at, until, parsed)
        cursor = {
            "since": until.isoformat(),
            "open": {key: _told(each) for key, each in self.remembered.items()},
            "begins": self.begins and until < now,
        }
        taken = self.client.take_requests()
        page = Page(parsed.events, cursor, parsed.rejected, taken, remarks=[*self.remarks], quota=self.client.quota)
        return until, replace(page, unread=frozenset({"shift"}) if SHIFTS in self.refused else ())

    def _listed(self, what: str, at: datetime, until: datetime, **more: str | bool) -> list[Any] | None:
        """A list of one window; None when it is too long for that."""
        params = {"since": at.isoformat(), "until": until.isoformat(), "time_zone": "UTC", "total": True, **more}
        found: list[Any] = []
        for answer in self.client.pages(Request(f"/{what}", params), OffsetPages(what, more="more")):
            if (total_of(answer) or 0) > MOST_IN_WINDOW and until - at > SHORTEST:
                return None
            found += listed(answer, what)
        return found

    def _created(self, at: datetime, until: datetime) -> list[Any] | None:
        return self._listed("incidents", at, until, sort_by="created_at:asc")

    def _entries(self, at: datetime, until: datetime) -> list[Any] | None:
        found: list[list[Any] | None] = [[]]
        with self._allowed("No acknowledgement is known", "incidents.read") as allowed:
            if allowed:
                found = [self._listed("log_entries", at, until, is_overview=True)]
        return found[0]

    @contextmanager
    def _allowed(self, lost: str, scope: str) -> Iterator[bool]:
        """Go on without what the token may not read, and say so once; False: it was refused before."""
        try:
            yield lost not in self.refused
        except (SourceForbidden, SourceMissing) as error:
            self.refused.add(lost)
            self.remarks.append(Remark(f"{lost}: {error.problem}", f"Give the token the scope {scope}"))

    def _asked(self, remembered: Iterable[str], told: Mapping[str, History]) -> Iterator[Any]:
        """Incidents of earlier windows that may have changed; those still open without news are left alone."""
        wanted = list(remembered)
        if not wanted:
            return
        still = {str(part(raw, "id")): raw for raw in self._open()}
        for key in wanted:
            if key in still and key in told:
                yield still[key]
            elif key not in still:
                yield from self._one(key)

    def _open(self) -> Iterator[Any]:
        for status in OPEN:
            params = {"date_range": "all", "statuses[]": status, "time_zone": "UTC"}
            for answer in self.client.pages(Request("/incidents", params), OffsetPages("incidents", more="more")):
                yield from listed(answer, "incidents")

    def _one(self, key: str) -> Iterator[Any]:
        try:
            found = part(self.client.get(f"/incidents/{key}").body, "incident")
        except (SourceForbidden, SourceMissing):
            del self.remembered[key]  # it was deleted, or has moved out of sight
            return
        if part(found, "id") == key:
            yield found

    def _remember(self, key: str, raw: object, history: History, until: datetime) -> None:
        """Keep an incident in mind whose log may go on behind this window."""
        over = instant(part(raw, "resolved_at") or part(raw, "last_status_change_at"))
        if part(raw, "status") == RESOLVED and over is not None and over <= until:
            self.remembered.pop(key, None)
        else:
            self.remembered[key] = history

    def _shifts(self, at: datetime, until: datetime, parsed: Parsed) -> None:
        params = {"since": at.isoformat(), "until": until.isoformat(), "time_zone": "UTC", "include[]": "users"}
        with self._allowed(SHIFTS, "oncalls.read") as allowed:
            answers = self.client.pages(Request("/oncalls", params), OffsetPages("oncalls", more="more"))
            for answer in answers if allowed else ():
                for raw in listed(answer, "oncalls"):
                    parse_oncall(raw, self.names, parsed)


def _told(history: History) -> dict[str, str]:
    return {name: at.isoformat() for name, at in vars(history).items() if at is not None}


def _history(told: Mapping[str, str]) -> History:
    return History(**{name: instant(at) for name, at in told.items()})
