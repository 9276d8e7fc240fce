"""What the ``[[sources]]`` tables of several forges say alike."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Labelled(BaseModel):
    """Issues that are incidents."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    labels: Annotated[tuple[str, ...], Field(min_length=1)]
    """One of them makes an issue an incident."""
