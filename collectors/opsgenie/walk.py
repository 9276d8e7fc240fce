"""One collection of Opsgenie: a walk through alerts, incidents and timelines.

Alerts are walked by the time of their last update, each page asked for from the last one's time on, so that nothing is
passed over while alerts change. Incidents cannot be sorted so: those that have not ended are remembered and asked
again.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from collectors.base import Page, only_told_by
from collectors.http.exchange import Request
from collectors.http.paging import OffsetPages, listed
from collectors.opsgenie.parse import Names, parse_alert, parse_incident, parse_period
from collectors.parsed import Parsed, part, parts
from collectors.times import instant, milliseconds
from tribometer.errors import SourceForbidden, SourceMissing
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.http.client import Client
    from collectors.http.exchange import Answer, Parameters

OPEN = {"query": "status: open", "sort": "createdAt", "order": "asc"}
TIMELINE = timedelta(days=28)
TOLD = frozenset({"alerts", "incidents", "shifts"})
ALLOW = "Give the API key read and configuration access, in an integration that is not a team's"


@dataclass(frozen=True)
class UpdatedSince:
    """Pages of alerts by the time of their last update; within one instant by offset."""

    since: datetime
    size: int = 100

    def first(self) -> Parameters:
        """Ask for what was updated since then, oldest first."""
        return {**_updated_since(milliseconds(self.since)), "sort": "updatedAt", "order": "asc", "limit": self.size}

    def after(self, answer: Answer) -> Parameters | None:
        """Go on from the last one's time; a page of one instant alone goes on by offset."""
        items = listed(answer, "data")
        last = instant(part(items[-1], "updatedAt")) if items else None
        if len(items) < self.size or last is None:
            return None
        asked = answer.request.params
        if _updated_since(milliseconds(last))["query"] == asked.get("query"):
            return {"offset": int(asked.get("offset", 0)) + len(items)}
        return {**_updated_since(milliseconds(last)), "offset": 0}


def _updated_since(at: int) -> dict[str, str]:
    return {"query": f"updatedAt >= {at}"}


@dataclass
class Walk:
    """One collection: what things are called, the client, the cursor as it grows, and what is to be remarked."""

    names: Names
    client: Client
    cursor: dict[str, Any]
    remarks: list[Remark] = field(default_factory=list)
    refused: dict[str, SourceForbidden | SourceMissing] = field(default_factory=dict)

    def alerts(self, since: datetime) -> Iterator[Page]:
        """Every alert that was updated."""
        names = replace(self.names, rotations={**self._teams(), **self.names.rotations})
        with self._allowed("No alert is known", "alerts"):
            for answer in self.client.pages(Request("/v2/alerts"), UpdatedSince(since)):
                parsed = Parsed()
                updated = [at for raw in listed(answer, "data") if (at := parse_alert(raw, names, parsed))]
                if updated:
                    self.cursor["alerts"] = max(updated).isoformat()
                yield self._page(parsed)

    def incidents(self, since: datetime) -> Iterator[Page]:
        """The incidents that were made since then, and those that had not ended when they were seen last."""
        params = {"query": f"createdAt >= {milliseconds(since)}", "sort": "createdAt", "order": "asc"}
        begins, waiting = not self.cursor.get("whole"), list(self.cursor.get("open", ()))
        with self._allowed("No incident is known but alerts", "incidents"):
            for answer in self.client.pages(Request("/v1/incidents", params), OffsetPages("data")):
                made = listed(answer, "data")
                last = instant(part(made[-1], "createdAt")) if made else None
                if last is not None:
                    self.cursor["incidents"] = last.isoformat()
                yield self._incidents(made)
            self.cursor["whole"] = True
            yield self._incidents([*(self._made_before() if begins else ()), *self._again(waiting)])

    def _incidents(self, found: list[Any]) -> Page:
        parsed, still_open = Parsed(), set(self.cursor.get("open", ()))
        for raw in found:
            ended = parse_incident(raw, self.names, parsed)
            (still_open.discard if ended else still_open.add)(str(part(raw, "id")))
        self.cursor["open"] = sorted(still_open)
        return self._page(parsed)

    def _made_before(self) -> list[Any]:
        """What is open although it was made before all that was read: nothing is remembered of it."""
        seen = set(self.cursor.get("open", ()))
        answers = self.client.pages(Request("/v1/incidents", OPEN), OffsetPages("data"))
        return [raw for answer in answers for raw in listed(answer, "data") if str(part(raw, "id")) not in seen]

    def _again(self, waiting: list[str]) -> Iterator[Any]:
        for key in waiting:
            try:
                yield part(self.client.get(f"/v1/incidents/{key}").body, "data")
            except SourceMissing:
                self.cursor["open"] = [each for each in self.cursor["open"] if each != key]

    def shifts(self, since: datetime, now: datetime) -> Iterator[Page]:
        """What every schedule's timeline says, four weeks at a time."""
        with self._allowed("No on-call shift is known", "shifts"):
            schedules = parts(self.client.get("/v2/schedules").body, "data")
            while since < now:
                until, parsed = min(since + TIMELINE, now), Parsed()
                for schedule in schedules:
                    self._timeline(schedule, since, until, parsed)
                since, self.cursor["shifts"] = until, until.isoformat()
                yield self._page(parsed)

    def _timeline(self, schedule: object, since: datetime, until: datetime, parsed: Parsed) -> None:
        days = (until - since) // timedelta(days=1) + 1
        params: Parameters = {"date": since.isoformat(), "interval": days, "intervalUnit": "days"}
        answer = self.client.get(f"/v2/schedules/{part(schedule, 'id')}/timeline", params)
        for rotation in parts(answer.body, "data", "finalTimeline", "rotations"):
            for period in parts(rotation, "periods"):
                begins = instant(part(period, "startDate"))
                if begins is not None and begins < until:  # what lies ahead is a plan
                    parse_period(period, schedule, rotation, self.names, parsed)

    def _teams(self) -> Mapping[str, str]:
        teams: list[Any] = []
        with self._allowed("Rotations are called by their ids", "teams"):
            teams = parts(self.client.get("/v2/teams").body, "data")
        return {str(part(each, "id")): str(part(each, "name")) for each in teams}

    @contextmanager
    def _allowed(self, lost: str, what: str) -> Iterator[None]:
        """Go on without what the key may not read, or the plan does not include, and say so."""
        try:
            yield
        except (SourceForbidden, SourceMissing) as error:
            self.remarks.append(Remark(f"{lost}: {error.problem}", ALLOW))
            self.refused[what] = error

    def end(self) -> Page:
        """What is left to be said of what was refused; raise `SourceForbidden` when that is everything."""
        if self.refused.keys() >= TOLD:
            raise SourceForbidden(self.names.source, f"nothing may be read: {self.refused['alerts'].problem}", ALLOW)
        of_alerts = {"page", *(["incident"] if self.names.priorities else [])}
        told = {"alerts": of_alerts, "incidents": {"incident"}, "shifts": {"shift"}, "teams": ()}
        return replace(self._page(Parsed()), unread=only_told_by(self.refused, told))

    def _page(self, parsed: Parsed) -> Page:
        remarks, self.remarks = self.remarks, []
        taken, quota = self.client.take_requests(), self.client.quota
        return Page(parsed.events, dict(self.cursor), parsed.rejected, taken, remarks=remarks, quota=quota)
