"""What follows from the board: what-if, the roadmap with its exports, and whether a platform team is worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from metrics.friction.board import Board
    from metrics.friction.measuring import Measured
    from metrics.friction.questions import Question
    from metrics.friction.roadmap import Roadmap
    from tribometer.settings import Friction

ROADMAPS = ("csv", "markdown", "issues")
SCOPES = ("team", "service")


def planned(board: Board, found: Measured, arguments: Mapping[str, Any], settings: Friction) -> dict[str, Any]:
    """What was asked for beside the board: ``what_if``, ``roadmap`` and ``worth``, none of them unasked.

    Arguments: lists of texts ``reduce`` (``KIND=30%``, ``KIND@team:NAME=30%``), ``fix`` (``PIPELINE`` or
    ``PIPELINE=KIND``) and ``move`` (``TEMPLATE=SERVICE,SERVICE``); ``roadmap``, one of ROADMAPS; ``worth``, a flag.
    """
    told: dict[str, Any] = {}
    if questions := list(_questions(arguments)):
        from metrics.friction.what_if import what_if  # noqa: PLC0415 - asked for now and then

        told["what_if"] = [what_if(each, board, settings, found.templates).to_dict() for each in questions]
    if (form := arguments.get("roadmap")) is not None:
        told["roadmap"] = _roadmap(board, form, settings)
    if arguments.get("worth"):
        from metrics.friction.worth import worth  # noqa: PLC0415 - as above

        if board.scope:
            raise UsageError("Whether a platform team is worth it is asked of the whole organisation: leave the scope.")
        told["worth"] = worth(board.total, found.engineers, settings).to_dict()
    return told


def _questions(arguments: Mapping[str, Any]) -> Iterator[Question]:
    from metrics.friction.questions import Move, Reduction, Repair  # noqa: PLC0415 - as above

    for text in arguments.get("reduce") or ():
        what, share = _halves(text, "KIND=30% or KIND@team:NAME=30%")
        kind, _, scope = what.partition("@")
        yield Reduction.read(kind, share, **_scope(scope))
    for text in arguments.get("fix") or ():
        pipeline, _, kind = text.partition("=")
        yield Repair.read(pipeline, kind)
    for text in arguments.get("move") or ():
        template, services = _halves(text, "TEMPLATE=SERVICE,SERVICE")
        yield Move.read(services.split(","), template)


def _halves(text: str, form: str) -> tuple[str, str]:
    first, _, second = text.rpartition("=")
    if not first or not second:
        raise UsageError(f"{text!r}: write {form}.")
    return first, second


def _scope(text: str) -> dict[str, str]:
    if not text:
        return {}
    what, _, name = text.partition(":")
    if what not in SCOPES or not name:
        raise UsageError(f"@{text}: less of it where? Write @team:NAME or @service:NAME.")
    return {what: name}


def _roadmap(board: Board, form: str, settings: Friction) -> dict[str, Any]:
    from metrics.friction.roadmap import roadmap  # noqa: PLC0415 - as above

    if form not in ROADMAPS:
        raise UsageError(f"roadmap: {form!r} is not possible; choose {', '.join(ROADMAPS)}.")
    made = roadmap(board, settings)
    return {**made.to_dict(), **exported(made, form)}


def exported(made: Roadmap, form: str) -> dict[str, Any]:
    """The roadmap as ``text``, or as ``issues``: file, title and body of each."""
    from metrics.friction import roadmap_issues, roadmap_tables  # noqa: PLC0415 - as above

    if form == "issues":
        issues = roadmap_issues.to_issues(made)
        return {"issues": [{"file": each.file, "title": each.title, "body": each.body} for each in issues]}
    return {"text": (roadmap_tables.to_csv if form == "csv" else roadmap_tables.to_markdown)(made)}
