"""Published values in words; what is not told says so, and is never a blank or a nought."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surveys.wave_results import WaveResults
    from tribometer.privacy.published import Published

EVERYBODY = "Everybody"
HIDDEN, NOBODY = "hidden", "no answer"
STATUS = {
    "suppressed": "hidden: too few people, or others could be worked out from it",
    "no_data": "nobody answered this",
    "ok": "ok",
}
METHODS = {"wilson": "Wilson", "wilson_fpc": "Wilson, for the share of those asked who answered"}


def value_of(published: Published | None, unit: str = "share") -> str:
    """A published value in words; what is not told says so."""
    if published is None or published.status == "suppressed":
        return HIDDEN
    if published.value is None:
        return NOBODY
    return number(published.value, unit)


def interval_of(published: Published | None, unit: str = "share") -> str:
    """The bounds of a published value in words; empty where there are none."""
    if published is None or published.interval is None:
        return ""
    low, high = published.interval.low, published.interval.high
    if unit in {"share", "percent"}:
        return f"{number(low, unit).removesuffix(' %')} to {number(high, unit)}"
    return f"{number(low, unit)} to {number(high, unit)}"


def number(value: float, unit: str) -> str:
    """A number with its unit."""
    if unit == "share":
        return f"{value * 100:.0f} %"
    if unit == "recommendation":
        return f"{value * 100:+.0f}"
    if unit == "percent":
        return f"{value:.0f} %"
    return f"{value:g} {'h' if unit == 'hours' else 'min' if unit == 'minutes' else unit}"


def status_of(published: Published | None) -> str:
    """The status in words."""
    return STATUS["suppressed" if published is None else published.status]


def people_of(published: Published | None) -> str:
    """How many people, as a band; empty where nothing is told."""
    return (published.n_band if published else None) or ""


def method_of(published: Published | None) -> str:
    """How an interval was made; empty where there is none."""
    if published is None or published.interval is None:
        return ""
    return METHODS.get(published.interval.method, published.interval.method.replace("_", " "))


def as_csv(wave: WaveResults) -> Iterator[dict[str, object]]:
    """One record a cell that is told."""
    for cell in wave.cells:
        told = cell.published
        if told.status != "ok":
            continue
        bounds = (told.interval.low, told.interval.high) if told.interval else (None, None)
        kind, name = next(iter(cell.scope.items()), ("everybody", ""))
        yield {
            "wave": wave.wave, "instrument": wave.instrument, "item": cell.item, "choice": cell.choice, "group": kind,
            "name": name, "unit": cell.unit, "value": told.value, "low": bounds[0], "high": bounds[1],
            "people": told.n_band, "response_percent": told.response,
        }  # fmt: skip
