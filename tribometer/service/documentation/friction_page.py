"""``docs/friction.md``: how hours are counted, every kind of friction, its factors, and what the board says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics.friction.corroboration import ADVICE, WORDS
from metrics.friction.kinds import KINDS, Kind
from tribometer.service.documentation.markdown import blocks, document, table
from tribometer.settings.friction import DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

INTRO = """The friction board (`tribometer friction`, `GET /api/v1/friction`, the page Friction) ranks what people
wait for by the hours that it costs them: business hours waited x people held up x attention, a month. `tribometer
metric friction_cost` tells the same as a series, `tribometer explain friction_cost --rows` every business day of
every wait behind it."""
COUNTING = """- A wait is cut into business days by the calendar of the team it belongs to; of a day at most 8 hours
  count. A day counts in the period in which it lies, so a long wait is shared among periods.
- What waits for the same thing at the same time, like two workflows of one change, counts once.
- `beyond_minutes` of every wait cost nothing, and behind `at_most_days` nobody waits any more.
- Of one person and day all kinds together count at most 8 hours, shared pro rata; accounts of one person are joined.
  Neither people nor their keys are in any answer.
- The wait is measured. How many people it holds up and how much of their attention it takes are assumptions: the table
  below has the defaults, `[friction.kinds]` changes them, and the board shows those it was counted by.
- Picking work up again after an interruption is not counted."""
ORDER = """Teams are drawn with replacement, all kinds of a team together, 1,000 times with a fixed seed. The interval
of a kind's hours are the percentiles of its draws. Two kinds are told apart only where their difference lies outside
of what all differences of pairs together vary by (max-t), so the bounds of all ranks hold at once; kinds that no pair
tells apart are a tie. With fewer than eight teams nothing is drawn: the board tells the smallest and the largest team
instead. Places within a kind are compared in the same way, over the weeks."""
AGREEMENT = """By journey of the survey: measured are the costliest third of the journeys, felt are those whose
favourable share lies below the median of all journeys, or whose opportunity is 10 of 20 or more. Only published
results of closed waves are read."""


def page() -> str:
    """Make the page."""
    readings = table(("reading", "what to do"), [(WORDS[name], words) for name, words in ADVICE.items()])
    parts = [
        ("What counts", COUNTING),
        ("Factors", factors()),
        ("The order, and how sure it is", ORDER),
        ("Felt and measured", blocks(AGREEMENT, readings)),
    ]
    return document("Friction", INTRO, [*parts, *_kinds()])


def factors() -> str:
    """The defaults of every kind as a table."""
    head = ("kind", "people", "attention", "beyond minutes", "at most days", "minutes each")
    rows = (
        (
            f"`{name}`",
            f"{each.people:g}",
            f"{each.attention:g}",
            f"{each.beyond_minutes:g}",
            f"{each.at_most_days}",
            "" if each.minutes is None else f"{each.minutes:g}",
        )
        for name, each in DEFAULTS.items()
    )
    note = "Of a red default branch `people` counts for everybody who committed there in the 28 days before."
    return blocks(table(head, rows), note)


def _kinds() -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        yield kind.name, blocks(f"**{kind.title}.** {kind.question}", _definition(kind))


def _definition(kind: Kind) -> str:
    needs = ", ".join(f"`{each}`" for each in sorted(kind.needs)) or "nothing that is collected today"
    lines = [f"- {kind.formula}", *(f"- {caveat}" for caveat in kind.caveats), f"- Needs events: {needs}."]
    if kind.metric is not None:
        lines.append(f"- The same wait alone: `tribometer metric {kind.metric}`.")
    if kind.journey is not None:
        lines.append(f"- Asked about in surveys as `{kind.journey}`.")
    return "\n".join([*lines, f"- What usually helps: {kind.remedy[0].lower()}{kind.remedy[1:]}"])
