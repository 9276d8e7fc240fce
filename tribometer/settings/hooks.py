"""Who may push: the secret of each kind of webhook."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from tribometer.settings.secret import Secret, checked_places

HookKind = Literal["github", "gitlab", "gitea", "pagerduty", "opsgenie", "alertmanager", "cdevents"]


def _list_of_places(value: object) -> object:
    """One secret is a list of one; a secret in the file itself is refused and not repeated."""
    places = checked_places(value)
    return tuple(places) if isinstance(places, list | tuple) else (places,)


class HookSettings(BaseModel):
    """One ``[hooks.KIND]`` table: what its sender signs with, or sends."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)

    secret: Annotated[tuple[Secret, ...], BeforeValidator(_list_of_places), Field(min_length=1)]
    """``{env = "NAME"}`` or ``{file = "PATH"}``; a list of them while one replaces the other: any of them will do."""
