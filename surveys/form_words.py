"""The words around a survey's questions, by language, and how times are written in them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from surveys.scales import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

LANGUAGES = (ENGLISH, "de")


@cache
def words(language: str) -> Mapping[str, str]:
    """The words of a language, in English where there are none of it."""
    known = language if language in LANGUAGES else ENGLISH
    text = files("surveys").joinpath("templates", f"words.{known}.toml").read_text(encoding="utf-8")
    return {name: str(said) for name, said in tomllib.loads(text).items()}


def moment(at: datetime, zone: str, language: str) -> str:
    """A time as whoever is asked reads it on a clock; in UTC where the zone is unknown."""
    said = words(language)
    try:
        local = at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        zone, local = "UTC", at.astimezone(ZoneInfo("UTC"))
    month = said["months"].split()[local.month - 1]
    return said["time"].format(day=local.day, month=month, year=local.year, clock=f"{local:%H:%M}", zone=zone)


def count(number: int, language: str) -> str:
    """A count with its thousands set apart."""
    return f"{number:,}".replace(",", words(language)["thousands"])


def preferred(offered: Sequence[str], *wanted: str) -> str:
    """The first wanted language that is offered (``de-AT`` will do with ``de``), else English.

    Each of ``wanted`` is a language or a whole Accept-Language header, whose languages come by their weights.
    """
    spelled = {each.lower(): each for each in offered}
    for each in wanted:
        for tag in _by_weight(each):
            for language in (tag, tag.partition("-")[0]):
                if language in spelled:
                    return spelled[language]
    return ENGLISH


def _by_weight(header: str) -> list[str]:
    weighed = []
    for part in header.split(","):
        tag, _, weight = part.partition(";")
        try:
            share = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            share = 0.0
        weighed.append((-share, tag.strip().lower()))
    return [tag for share, tag in sorted(weighed, key=lambda each: each[0]) if share < 0]
