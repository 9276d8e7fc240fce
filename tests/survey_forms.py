"""An open wave with invitations, for tests of the form; and what a browser would send from a page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

from surveys.instrument import Instrument, shipped
from tribometer.service.instance import Instance
from tribometer.service.surveys.links import link_key, token_of
from tribometer.store.answers import WaveFacts
from tribometer.store.records.survey_records import Invitation, NewInvitation, NewWave, Wave

OPENS = datetime(2026, 1, 26, 9, tzinfo=UTC)
CLOSES = datetime(2026, 2, 9, 16, tzinfo=UTC)
TIMES = (OPENS, CLOSES)


@dataclass
class Place:
    """An instance with a wave of an instrument; ``token`` makes somebody's link."""

    instance: Instance
    wave: Wave

    def invite(self, person: str = "p_ann", **more: Any) -> Invitation:
        """Invite somebody more, and say who."""
        new = NewInvitation(
            person, "email", f"{person}@example.org", self.wave.opens_at, **{"team": "checkout", **more}
        )
        before = {each.number for each in self.instance.records.surveys.invitations(self.wave.number)}
        self.instance.records.surveys.invite(self.wave.number, [new])
        [asked] = [
            each for each in self.instance.records.surveys.invitations(self.wave.number) if each.number not in before
        ]
        return asked

    def token(self, asked: Invitation) -> str:
        """The token of an invitation as it stands."""
        return token_of(link_key(self.instance.store.pseudonyms), asked)

    def now(self, asked: Invitation) -> Invitation:
        """An invitation as it stands now."""
        found = self.instance.records.surveys.invitation(asked.number)
        assert found is not None
        return found

    def saved(self, asked: Invitation) -> tuple[dict[str, Any], dict[str, str]]:
        """What the store has of somebody."""
        keys = self.instance.records.surveys.keys(asked.number)
        assert keys is not None
        return self.instance.store.answers.given(self.wave.name, keys.response, keys.comment)

    def close(self) -> None:
        """Close the wave as the schedule does."""
        surveys = self.instance.records.surveys
        surveys.move(self.wave.number, "closing")
        self.instance.store.answers.close_wave(self.wave.name, {})
        surveys.unlink(self.wave.number)
        surveys.move(self.wave.number, "closed")


def open_place(
    instance: Instance, slug: str = "pulse_v1", *, opened: bool = True, times: tuple[datetime, datetime] = TIMES
) -> Place:
    """A wave that opened a week before the tests' noon, called like its instrument; its thresholds are no defaults."""
    opens, closes = times
    surveys = instance.records.surveys
    wave = surveys.add_wave(NewWave(slug, slug, opens, closes, minimum=6, comment_minimum=12, keep_days=365))
    if opened:
        keep, teams = closes + timedelta(days=365), {"checkout": "shop", "shop": None}
        instance.store.answers.open_wave(WaveFacts(slug, slug, 6, 12, opens, keep_until=keep, teams=teams))
        surveys.move(wave.number, "open")
    return Place(instance, surveys.wave(slug))


def big_instrument() -> Instrument:
    """The longest instrument that is shipped: 25 items with two grids."""
    return shipped()["quarterly_v1"]


@dataclass
class Seen(HTMLParser):
    """A page as a browser takes it: its fields as they would be sent, ids, labels, links, and texts."""

    html: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    _area: str | None = None

    def __post_init__(self) -> None:
        HTMLParser.__init__(self, convert_charrefs=True)
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        """Note an element, and what it would send."""
        told = {name: value or "" for name, value in attrs}
        self.elements.append((tag, told))
        name = told.get("name")
        if tag == "textarea" and name:
            self._area = name
            self.fields.append((name, ""))
        elif tag == "input" and name and (told.get("type") in {"text", "hidden"} or "checked" in told):
            self.fields.append((name, told.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        """End a text area."""
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        """Note a text, of an area without the first line break that browsers drop."""
        if self._area is not None:
            first = not self.fields[-1][1]
            text = data.removeprefix("\n") if first else data
            self.fields[-1] = (self._area, self.fields[-1][1] + text)
        elif self.elements and self.elements[-1][0] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        """Everything there is to read."""
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """The attributes of elements that have all of these."""
        return [told for name, told in self.elements if name == tag and wanted.items() <= told.items()]

    def sent(self, name: str) -> list[str]:
        """What would be sent under a name, without blanks."""
        return [value for known, value in self.fields if known == name and value]


def style_of(html: str) -> str:
    """The style of a page."""
    found = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert found is not None
    return found[1]
