"""Forms of a survey sent as browsers send them, again where the service is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

import httpx

from survey_forms import Seen
from survey_respondents import Sheet

PATIENCE = 180


@dataclass
class Senders:
    """Sends forms as browsers do: who sees that a page did not load, or a form was not sent, tries again.

    ``acknowledged`` counts forms that the service said it had saved, ``repeated`` the tries that failed.
    """

    acknowledged: int = 0
    repeated: int = 0
    _lock: Lock = field(default_factory=Lock)

    def send(self, link: str, sheet: Sheet) -> None:
        """Open a link, fill in the form, and send it until it is said to be saved."""
        with httpx.Client(timeout=30) as client:
            shown = self._insisting(lambda: client.get(link))
            assert shown.status_code == 200
            whole = filled(Seen(shown.text), sheet)
            said = self._insisting(lambda: client.post(link, data=whole))
        assert (said.status_code, said.headers["location"]) == (303, "?saved=1")
        with self._lock:
            self.acknowledged += 1

    def _insisting(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                return ask()
            except httpx.TransportError:
                assert time.monotonic() < ends, "the service does not come back"
                with self._lock:
                    self.repeated += 1
                time.sleep(0.2)


def filled(form: Seen, sheet: Sheet) -> dict[str, list[str]]:
    """What a browser sends of a form in which somebody gave these answers."""
    names = {told["name"] for tag, told in form.elements if tag in {"input", "textarea"} and "name" in told}
    assert set(sheet) <= names
    hidden = [(told["name"], told["value"]) for told in form.all("input", type="hidden")]
    fields: dict[str, list[str]] = {name: list(texts) for name, texts in sheet.items()}
    for name, text in form.fields:
        if (name, text) in hidden or name not in sheet:
            fields.setdefault(name, []).append(text)
    return {**fields, "do": ["save"]}
