"""A digest in words: plain text, HTML for a mail, and Slack's markup, all from the same lines."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from markupsafe import escape

from dashboards.questions import address_of
from metrics.friction.corroboration import WORDS
from metrics.wording import value_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tribometer.service.digest.content import Content, Moved

DEMO = "Demo: a generated organisation. None of this is real."
STYLE = "font-family:sans-serif;font-size:15px;line-height:1.45;max-width:36em;margin:0 auto;padding:12px"
MOST = 8
"""Moves that are told; how many more there are is said."""

Section = tuple[str, list[str]]


def subject(found: Content) -> str:
    """The subject of the mail."""
    signals = len(found.moved)
    moved = "nothing moved beyond noise" if not signals else f"{signals} moved beyond noise"
    return f"Tribometer, week of {found.week:%d %b}: {moved}"


def sections(found: Content) -> list[Section]:
    """Titles and lines, in the order in which they are read."""
    if found.is_empty:
        return [("Nothing to tell yet", ["No source tells of enough weeks: `tribometer doctor` says what to connect."])]
    parts = [
        ("What moved", _moved(found)),
        ("What costs most", _frictions(found)),
        ("What is stale", list(found.stale)),
    ]
    return [(title, lines) for title, lines in parts if lines]


def _moved(found: Content) -> list[str]:
    about = f"{found.looked} series were looked at; some {found.chance:.0f} of them would stand here by chance alone."
    if not found.looked:
        return ["No metric has a value in the last week and in eight weeks before it."]
    if not found.moved:
        return [f"Nothing beyond what the weeks before vary by. {found.looked} series were looked at."]
    more = len(found.moved) - MOST
    rest = [f"{more} more are on the pages."] if more > 0 else []
    return [*(sentence(each) for each in found.moved[:MOST]), *rest, about]


def sentence(each: Moved) -> str:
    """What moved, and what the weeks before varied by."""
    of = f" of {each.team}" if each.team else ""
    value, low, high = (value_text(each.unit, number) for number in (each.move.value, each.move.low, each.move.high))
    verb = "rose" if each.move.away > 0 else "fell"
    return f"{each.title}{of} {verb} to {value}; the weeks before varied between {low} and {high}."


def _frictions(found: Content) -> list[str]:
    lines = [friction_sentence(kind, found.readings) for kind in found.frictions]
    if len(found.tied) > 1:
        lines.append(f"Cannot be told apart: {', '.join(found.tied)}.")
    return lines


def friction_sentence(kind: Mapping[str, Any], readings: Mapping[str, str]) -> str:
    """A kind of friction with its rank, its hours a month and what people say of it."""
    hours, between = kind["hours"]["value"], kind["hours"]["interval"]
    span = f" ({between['low']:,.0f} to {between['high']:,.0f})" if between else ""
    reading = next((words for name, words in WORDS.items() if name == readings.get(kind["journey"] or "")), "")
    said = f"; {reading}" if reading else ""
    return f"{kind['rank']}. {kind['title']}: {hours:,.0f} hours a month{span}{said}."


def plain(found: Content) -> str:
    """The digest as plain text."""
    until = found.week + timedelta(days=6)
    blocks = [f"Week of {found.week:%d %b} to {until:%d %b %Y}", *([DEMO] if found.demo else [])]
    for title, lines in sections(found):
        blocks.append("\n".join([title, *(f"- {line}" for line in lines)]))
    return "\n\n".join([*blocks, found.address, ""])


def links(found: Content) -> dict[str, str]:
    """The lines that open on a page -> its address."""
    moved = {sentence(each): address_of(each.metric, {"team": each.team} if each.team else {}) for each in found.moved}
    costs = {friction_sentence(kind, found.readings): "/friction" for kind in found.frictions}
    return {line: f"{found.address}{path}" for line, path in {**moved, **costs}.items() if path}


def html(found: Content) -> str:
    """The digest as a mail: inline styles, nothing that is fetched, readable from 320 pixels on."""
    until = found.week + timedelta(days=6)
    parts = [f'<div style="{STYLE}"><p>Week of {found.week:%d %b} to {until:%d %b %Y}</p>']
    parts += [f"<p><strong>{DEMO}</strong></p>"] if found.demo else []
    opens = links(found)
    for title, lines in sections(found):
        items = "".join(f"<li>{_html(line, opens.get(line))}</li>" for line in lines)
        parts.append(f'<h2 style="font-size:17px;margin:1em 0 .3em">{escape(title)}</h2><ul>{items}</ul>')
    parts.append(f"<p>{_html(found.address, found.address)}</p></div>")
    return "\n".join(parts)


def _html(line: str, address: str | None) -> str:
    return f'<a href="{escape(address)}">{escape(line)}</a>' if address else str(escape(line))


def slack(found: Content) -> str:
    """The digest in Slack's markup; what a name holds mentions nobody."""
    blocks = [f"*{_slack(subject(found))}*", *([DEMO] if found.demo else [])]
    opens = links(found)
    for title, lines in sections(found):
        blocks.append("\n".join([f"*{title}*", *(f"• {_linked(line, opens.get(line))}" for line in lines)]))
    return "\n".join([*blocks, found.address])


def _linked(line: str, address: str | None) -> str:
    return f"{_slack(line)} <{_slack(address)}|Open>" if address else _slack(line)


def _slack(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def told(found: Content) -> dict[str, Any]:
    """The digest as an object ready for JSON."""
    lines: Sequence[Section] = sections(found)
    return {
        "week": found.week.isoformat(),
        "subject": subject(found),
        "looked": found.looked,
        "by_chance": found.chance,
        "moved": [
            {
                "metric": each.metric,
                "team": each.team or None,
                "unit": each.unit,
                "value": each.move.value,
                "limits": {"low": each.move.low, "high": each.move.high},
                "sentence": sentence(each),
            }
            for each in found.moved
        ],
        "sections": [{"title": title, "lines": texts} for title, texts in lines],
        "text": plain(found),
        "html": html(found),
    }
