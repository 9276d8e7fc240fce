"""The report as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tribometer.service.terminal import bar, write, write_table, write_words

if TYPE_CHECKING:
    from collections.abc import Iterator

Words = Mapping[str, Any]
KEYS = ("key", "value", "95 % interval", "n", "before", "verdict", "")
STAGES = ("stage", "share", "", "median", "n")
FRICTION = ("rank", "friction", "h per month", "95 % interval", "most in")


def write_report(words: Words) -> None:
    """Write the words of a report."""
    write(f"{words['month']}, {words['scope']}, against {words['before']}")
    read = words["read"]
    write_words(f"  {f'data as of {read}' if read else 'no source was read to its end yet'}")
    if words["demo"]:
        write_words(f"  {words['demo']}")
    _write_keys(words)
    _write_stages(words["stages"])
    _write_friction(words["frictions"])
    _write_lines("Onboarding, a year against the year before", _onboarding(words))
    _write_lines("Did it help", _verdicts(words))
    _write_lines("How far to trust this", _trust(words))


def _write_keys(words: Words) -> None:
    write("")
    write_table(KEYS, [_key(row) for row in words["keys"]], right=("n",))
    if words["published"]:
        write_words(words["published"])
    for row in words["keys"]:
        if row["published"]:
            write_words(f"  {row['title']}: {row['published']}")


def _key(row: Words) -> tuple[str, ...]:
    month, against = row["month"], row["against"]
    together = f" (all together {month['together']})" if month["together"] else ""
    remark = "" if month["status"] == "ok" and month["words"] == "ok" else month["words"]
    why = "; ".join(filter(None, (remark, against["gap"] and f"by {against['gap']}", against["reason"])))
    return (
        row["title"],
        month["value"] + together,
        month["interval"],
        month["n"],
        row["before"]["value"],
        against["words"],
        why,
    )


def _write_stages(stages: Words) -> None:
    write("")
    write("Where a change waits")
    if stages["rows"]:
        rows = [(row["stage"], row["words"], bar(row["share"]), row["median"], row["n"]) for row in stages["rows"]]
        write_table(STAGES, rows, right=("share", "median", "n"))
    write_words(stages["note"])


def _write_friction(frictions: Words) -> None:
    write("")
    write("What costs most")
    if frictions["rows"]:
        told = ("rank", "title", "hours", "interval", "places")
        write_table(FRICTION, [[row[name] for name in told] for row in frictions["rows"]], right=("h per month",))
    write_words(frictions["note"])


def _write_lines(title: str, lines: Iterator[str]) -> None:
    write("")
    write(title)
    for line in lines:
        write_words(f"  {line}")


def _onboarding(words: Words) -> Iterator[str]:
    for row in words["onboarding"]:
        told, against = row["number"], row["against"]
        parts = (
            told["value"],
            told["interval"] and f"95 % interval {told['interval']}",
            told["n"] and f"n = {told['n']}",
            "" if told["words"] == "ok" else told["words"],
            f"before {row['before']}",
            against["words"],
            against["reason"],
        )
        yield f"{row['title']}: {', '.join(filter(None, parts))}"
    if words["onboarding_note"]:
        yield words["onboarding_note"]


def _verdicts(words: Words) -> Iterator[str]:
    for row in words["verdicts"]:
        effect = f", {row['effect']}" if row["effect"] else ""
        why = f" {row['reason']}" if row["reason"] else ""
        yield (
            f"{row['name']}, {row['horizon']} weeks: {row['metric']} {row['words']}{effect}; "
            f"expected {row['expected']}.{why}"
        )
        if row["remarks"]:
            yield f"  {row['remarks']}"
    if words["verdicts_note"]:
        yield words["verdicts_note"]


def _trust(words: Words) -> Iterator[str]:
    yield from words["stale"]
    for row in words["trust"]:
        told = (row["covered"] and f"covers {row['covered']}", "; ".join(row["left_out"]), row["note"])
        yield f"{row['title']} (version {row['version']}): {'. '.join(filter(None, told)) or 'nothing left out'}"
    yield from words["notes"]
