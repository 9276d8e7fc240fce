"""The friction board as a person reads it in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metrics.friction.corroboration import WORDS
from metrics.wording import MISSING, share_text
from tribometer.service.terminal import write, write_table, write_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HEAD = ("rank", "kind", "h per month", "interval", "waits", "most of it in")
FEW = "Fewer than eight teams: no interval and no order can be told, only the range over teams."


def write_board(told: Mapping[str, Any]) -> None:
    """Write the kinds in their order, what ties, what people say, and by which factors it was counted."""
    kinds: Sequence[Mapping[str, Any]] = told["kinds"]
    write_words(f"Friction from {told['window']['from'][:10]} to {told['window']['to'][:10]}, {_scope(told['scope'])}")
    counted = [kind for kind in kinds if kind["status"] == "ok"]
    if not counted:
        write_words("  Nothing was lost that any source tells of in this period.")
    else:
        write_words(f"  {_amount(told['total'])} hours a month in all{_money(told['money'])}")
        write("")
        write_table(HEAD, [_row(kind) for kind in counted], right=("h per month", "waits"))
        _write_ties(told, counted)
    _write_journeys(told["journeys"])
    _write_rest(kinds)
    _write_factors(counted)


def write_answers(told: Mapping[str, Any]) -> None:
    """Write what-if and the worth of a platform team, with what they assume."""
    for answer in told.get("what_if", ()):
        write_words(f"What if: {answer['asked']}")
        write_words(
            f"  {_amount(answer['returned'])} of {_amount(answer['lost'])} hours a month{_money(answer['money'])}"
        )
        for sentence in answer["assumptions"]:
            write_words(f"  - {sentence}")
    if "worth" in told:
        worth = told["worth"]
        write_words("Is a platform team worth it here?")
        for sentence in worth["advice"]:
            write_words(f"  {sentence}")
        for sentence in worth["assumptions"]:
            write_words(f"  - {sentence}")


def _scope(scope: Mapping[str, str]) -> str:
    return ", ".join(f"{what} {name}" for what, name in scope.items()) or "the whole organisation"


def _row(kind: Mapping[str, Any]) -> tuple[str, ...]:
    between = kind["rank_interval"]
    rank = str(kind["rank"])
    if between and between["first"] != between["last"]:
        rank = f"{rank} ({between['first']}-{between['last']})"
    return (
        rank,
        kind["title"],
        hours_text(kind["hours"]["value"]),
        _interval(kind),
        f"{kind['waits']:,}",
        _places(kind),
    )


def hours_text(value: float) -> str:
    """Hours as a number: whole ones from ten on."""
    return f"{value:,.0f}" if value >= 10 or value == 0 else f"{value:.1f}"  # noqa: PLR2004 - as said


def _interval(kind: Mapping[str, Any]) -> str:
    between = kind["hours"]["interval"]
    return MISSING if between is None else f"{hours_text(between['low'])} to {hours_text(between['high'])}"


def _places(kind: Mapping[str, Any]) -> str:
    first: dict[str, Mapping[str, Any]] = {}
    for place in kind["places"]:
        first.setdefault(place["what"], place)
    return ", ".join(f"{place['name']} {share_text(place['share'])}" for place in first.values())


def _amount(told: Mapping[str, Any]) -> str:
    between = told["interval"]
    span = f" ({hours_text(between['low'])} to {hours_text(between['high'])})" if between else ""
    return hours_text(told["value"]) + span


def _money(told: Mapping[str, Any] | None) -> str:
    return "" if told is None else f", {_amount(told)} {told['currency']}"


def _write_ties(told: Mapping[str, Any], counted: Sequence[Mapping[str, Any]]) -> None:
    write("")
    if told["method"] is None:
        write_words(FEW)
        return
    ranked = {kind["rank"]: kind["title"] for kind in counted}
    for tie in told["ties"]:
        names = [ranked[rank] for rank in range(tie["first"], tie["last"] + 1) if rank in ranked]
        write_words(f"{tie['first']} to {tie['last']} cannot be told apart: {', '.join(names)}.")


def _write_journeys(journeys: Sequence[Mapping[str, Any]]) -> None:
    if not journeys:
        return
    write("")
    rows = [
        (
            each["journey"].replace("_", " "),
            MISSING if each["hours"] is None else hours_text(each["hours"]),
            _felt(each["felt"]),
            WORDS[each["reading"]],
        )
        for each in journeys
    ]
    write_table(("journey", "h per month", "people say", "reading"), rows, right=("h per month",))
    advice = {WORDS[each["reading"]]: each["advice"] for each in journeys}
    for reading, sentence in advice.items():
        write_words(f"{reading}: {sentence}")


def _felt(felt: Mapping[str, Any] | None) -> str:
    if felt is None:
        return MISSING
    words = []
    if felt["favourable"] is not None:
        words.append(f"{share_text(felt['favourable'])} favourable")
    if felt["opportunity"] is not None:
        words.append(f"opportunity {felt['opportunity']:.1f} of 20")
    if felt["hours"] is not None:
        words.append(f"{felt['hours']:g} h a week")
    return ", ".join(words) or MISSING


def _write_rest(kinds: Sequence[Mapping[str, Any]]) -> None:
    quiet = [kind["title"] for kind in kinds if kind["status"] == "no_data"]
    unseen = [kind for kind in kinds if kind["status"] == "not_observable"]
    if quiet or unseen:
        write("")
    if quiet:
        write_words(f"none in this period: {', '.join(quiet)}")
    for kind in unseen:
        needs = f" (needs {', '.join(kind['needs'])} events)" if kind["needs"] else f": {kind['caveats'][0]}"
        write_words(f"not observable: {kind['title']}{needs}")


def _write_factors(counted: Sequence[Mapping[str, Any]]) -> None:
    if not counted:
        return
    write("")
    head = ("counted as", "people", "attention", "beyond", "at most")
    write_table(head, [_factors(kind) for kind in counted], right=("people", "attention"))
    write_words("Hours are business hours x people x attention; [friction.kinds] in the settings changes the factors.")


def _factors(kind: Mapping[str, Any]) -> tuple[str, ...]:
    factors, days = kind["factors"], kind["factors"]["at_most_days"]
    beyond = f"{factors['beyond_minutes']:g} min" if factors["beyond_minutes"] else ""
    most = f"{days} day{'s' * (days > 1)}" if factors["minutes"] is None else f"{factors['minutes']:g} min each"
    return (kind["title"], f"{factors['people']:g}", f"{factors['attention']:g}", beyond, most)
