"""What is told of a closed wave: cells, comments and warnings, with nothing behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tribometer.privacy.published import Published

Unit = Literal["share", "hours", "percent", "recommendation", "days", "minutes"]


@dataclass(frozen=True)
class Cell:
    """One question (``item``, of a choice one ``choice``) and one group: everybody where ``scope`` is empty."""

    item: str
    scope: Mapping[str, str]
    unit: Unit
    published: Published
    choice: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The contract's cell: with any status but ``ok`` nothing else is in it."""
        told: dict[str, Any] = {"item": self.item, "scope": dict(self.scope), "status": self.published.status}
        if self.choice is not None:
            told["choice"] = self.choice
        if self.published.status != "ok":
            return told
        rest = self.published.to_dict()
        value = rest.pop("value")
        name = "favourable" if self.unit == "share" and self.choice is None else "value"
        return {**told, name: value, "unit": self.unit, **rest}


@dataclass(frozen=True)
class Comment:
    """A free text, redacted, under the nearest group above its writer's team that is large enough."""

    item: str
    scope: Mapping[str, str]
    text: str


@dataclass(frozen=True)
class WaveResults:
    """All that is told of a closed wave; ``minimum`` is what it was opened with, ``warnings`` are sentences."""

    wave: str
    instrument: str
    closed_at: datetime
    minimum: int
    response: str | None
    cells: tuple[Cell, ...]
    comments: tuple[Comment, ...] = ()
    warnings: tuple[str, ...] = ()
    reliability: Mapping[str, Any] | None = None

    def cell(self, item: str, scope: Mapping[str, str], choice: str | None = None) -> Cell | None:
        """One cell; None where nobody asked that."""
        for each in self.cells:
            if (each.item, each.choice, dict(each.scope)) == (item, choice, dict(scope)):
                return each
        return None

    def to_dict(self) -> dict[str, Any]:
        """The contract's object, ready for JSON."""
        return {
            "wave": self.wave,
            "instrument": self.instrument,
            "closed_at": self.closed_at.isoformat().replace("+00:00", "Z"),
            "minimum": self.minimum,
            "response": self.response,
            "warnings": list(self.warnings),
            "reliability": self.reliability,
            "cells": [each.to_dict() for each in self.cells],
            "comments": [{"item": each.item, "scope": dict(each.scope), "text": each.text} for each in self.comments],
        }
