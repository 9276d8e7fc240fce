"""What the notes of a merge request tell: who was asked for a review and when, what they said, when it left draft.

GitLab writes these things down as system notes, in English whatever the reader's language; a note's time is when it
happened. Other interfaces give the last state only, without times. A comment of somebody else than the author is a
review, as the review response time (P2) counts the first response.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.forge.facts import ForgeFacts, Place, Raw, below, when
from collectors.gitlab.parse import is_draft, kind_of
from collectors.parsed import part, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from collectors.ci.facts import Facts

READY = re.compile(
    r"(unmarked (this merge request )?as a \*\*Work In Progress\*\*|marked this merge request as \*\*ready\*\*)"
)
DRAFT = re.compile(r"marked (this merge request )?as (a )?\*\*(Work In Progress|draft)\*\*")
REQUESTED = re.compile(
    r"requested review from (?P<asked>.*?)(?: and removed (?P<removed>review request for|approval).*)?"
)
RESET = re.compile(r"reset approvals from (?P<of>.*) by ")
MENTION = re.compile(r"@([A-Za-z0-9_](?:[\w.-]*[\w-])?)")
STATES: Mapping[str, str] = {
    "approved this merge request": "approved",
    "requested changes": "changes_requested",
    "left review comments without approving": "commented",
}
UNAPPROVED = "unapproved this merge request"
APPROVAL = "approval"


def parse_notes(notes: Sequence[Raw], request: Raw, place: Place) -> Facts:
    """Reviews and review requests of a merge request by all its notes, in any order.

    An approval that was taken back, by its author or by a push, is dismissed (E16).
    """
    facts, ordered = place.facts(), sorted(notes, key=lambda note: text(note.get("created_at")) or "")
    dismissed = _dismissed(ordered)
    for note in ordered:
        if note.get("system") is True:
            _tell_of_system_note(facts, note, request, place, dismissed=str(note.get("id")) in dismissed)
        else:
            _tell_of_comment(facts, note, request, place)
    return facts


def ready_at(notes: Sequence[Raw], request: Raw) -> datetime | None:
    """When it left draft for the last time (E15); None for one that was created ready, or is a draft now."""
    if is_draft(request):
        return None
    times = (when(note.get("created_at")) for note in notes if note.get("system") is True and READY.match(_body(note)))
    return max(filter(None, times), default=None)


def _tell_of_system_note(facts: ForgeFacts, note: Raw, request: Raw, place: Place, *, dismissed: bool) -> None:
    state = STATES.get(_body(note))
    if state:
        _tell_of_review(facts, note, request, place, "dismissed" if dismissed else state)
    asked = REQUESTED.fullmatch(_body(note))
    for number, login in enumerate(MENTION.findall(asked["asked"]) if asked else (), 1):
        facts.tell(
            "review_request",
            below(_identity(note, request, place), number),
            version=when(note.get("updated_at")),
            change=place.change(request.get("iid")),
            reviewer=place.person(login),
            requested_at=when(note.get("created_at")),
        )


def _tell_of_comment(facts: ForgeFacts, note: Raw, request: Raw, place: Place) -> None:
    """A comment is public: internal ones are left out, so is the author's own answer."""
    author = part(note, "author", "username")
    internal = note.get("internal") is True or note.get("confidential") is True
    if not internal and author is not None and author != part(request, "author", "username"):
        _tell_of_review(facts, note, request, place, "commented")


def _tell_of_review(facts: ForgeFacts, note: Raw, request: Raw, place: Place, state: str) -> None:
    author = note.get("author")
    facts.tell(
        "review",
        _identity(note, request, place),
        version=when(note.get("updated_at")),
        change=place.change(request.get("iid")),
        reviewer=place.person(part(author, "username")),
        reviewer_kind=kind_of(author),
        state=state,
        submitted_at=when(note.get("created_at")),
    )


def _dismissed(ordered: Sequence[Raw]) -> frozenset[str | None]:
    """Ids of the notes whose approval does not hold any more."""
    standing: dict[str | None, str] = {}
    taken_back = set[str | None]()
    for note in ordered:
        author, body = text(part(note, "author", "username")), _body(note)
        if note.get("system") is not True:
            continue
        if STATES.get(body) == "approved":
            standing[author] = str(note.get("id"))
        for login in [author] if body == UNAPPROVED else _losing_approval(body):
            taken_back.add(standing.pop(login, None))
    return frozenset(taken_back)


def _losing_approval(body: str) -> list[str]:
    reset, asked = RESET.match(body), REQUESTED.fullmatch(body)
    if reset:
        return MENTION.findall(reset["of"])
    return MENTION.findall(asked["asked"]) if asked and asked["removed"] == APPROVAL else []


def _identity(note: Raw, request: Raw, place: Place) -> str | None:
    return below(place.change(request.get("iid")), "notes", note.get("id"))


def _body(note: Raw) -> str:
    return (text(note.get("body")) or "").strip()
