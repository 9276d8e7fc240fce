"""The roadmap as issues for a tracker: one Markdown text for each kind, with how it would be judged."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metrics.friction.corroboration import WORDS
from metrics.friction.phrases import amount_text, code, hours_text, money_text, rank_text, scope_text
from metrics.friction.roadmap import SAY_EFFORT
from metrics.friction.roadmap_tables import where
from metrics.wording import share_text, value_text
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from metrics.friction.roadmap import Item, Roadmap

RELEASE = "YYYY-MM-DD"
"""Where the day of release belongs in a command line."""


@dataclass(frozen=True)
class Issue:
    """One issue: a name for its file, its title in plain text, its body in Markdown."""

    file: str
    title: str
    body: str


def to_issues(roadmap: Roadmap) -> tuple[Issue, ...]:
    """An issue for every item, in the roadmap's order; places are pipelines, services and teams, never people."""
    return tuple(
        Issue(
            f"{item.place:02}-{item.kind.name.replace('_', '-')}.md",
            f"Reduce friction: {item.kind.title}",
            "\n".join(_body(item, roadmap)),
        )
        for item in roadmap.items
    )


def _body(item: Item, roadmap: Roadmap) -> Iterator[str]:
    yield from (item.kind.question, "")
    yield from _section("What it costs", _costs(item, roadmap))
    yield from _section("Where it sits", where(item) or ["No pipeline, service or team is known for it."])
    yield from _section("What people say", [_said(item)])
    yield from _section("What usually helps", [item.kind.remedy])
    yield from _section("What counts", [item.kind.formula, *item.kind.caveats])
    yield from ("## How it is judged", "", *_judged(item, roadmap.scope))


def _section(title: str, lines: list[str]) -> Iterator[str]:
    yield from (f"## {title}", "", *(f"- {line}" for line in lines), "")


def _costs(item: Item, roadmap: Roadmap) -> list[str]:
    start, end = roadmap.days
    share = f"{share_text(item.reducible)} of it" + (", an assumption" if item.assumed else "")
    lines = [
        f"Lost from {start} to {end} in {scope_text(roadmap.scope)}: {amount_text(item.hours)}",
        f"Rank by hours lost: {rank_text(item.rank, item.first, item.last)}",
        f"Expected back: {amount_text(item.returned)}; {share}",
    ]
    if item.cost is not None and item.money is not None and roadmap.currency is not None:
        cost, money = (money_text(each, roadmap.currency) for each in (item.cost, item.money))
        lines.append(f"In money: {cost}, of which {money} expected back")
    if item.effort is None or item.delay is None:
        return [*lines, f"Effort: not known, {SAY_EFFORT}"]
    return [*lines, f"Effort: {value_text('days', item.effort)}; a day of it returns {hours_text(item.delay)}"]


def _said(item: Item) -> str:
    if item.agreement is None:
        return "The survey asks nothing about it."
    told = item.agreement
    words = [f"Journey {code(told.journey)}: {WORDS[told.reading]}."]
    if told.felt is not None:
        favourable, opportunity, hours = told.felt.favourable, told.felt.opportunity, told.felt.hours
        words += [f"{share_text(favourable)} are satisfied."] if favourable is not None else []
        words += [f"Opportunity {opportunity:.1f} of 20."] if opportunity is not None else []
        words += [f"They say it takes {hours:.1f} h a week."] if hours is not None else []
    return " ".join([*words, told.advice])


def _judged(item: Item, scope: Mapping[str, str]) -> Iterator[str]:
    """The metric, the command line that registers the work, and when it is done."""
    command = _command(item, scope)
    if command is None:
        yield "No metric of it is told week by week for a team or a service, so no verdict can be reached. Look at:"
        yield from ("", f"    tribometer friction{_options(scope)}")
        yield from ("", "- [ ] Two periods of 12 weeks, before it and behind it, stand here side by side.", "")
        return
    yield f"By {code(item.kind.metric or '')}. Register it before its release, with the day on which it is:"
    yield from ("", f"    {command}", "")
    yield "Where not all get it at once, those who wait are its controls: `--rollout NAME=YYYY-MM-DD` for each."
    yield from ("", "- [ ] It is registered before its release, with what is really expected of it.")
    yield from (f"- [ ] `tribometer intervention verdict {_name(item)}` says *improved* 12 weeks behind it.", "")


def _command(item: Item, scope: Mapping[str, str]) -> str | None:
    """None where no verdict could be reached on the kind's metric."""
    if item.kind.metric is None or not _judgeable(item.kind.metric, scope):
        return None
    expected = f" --expected {100 * item.reducible:.3g}%" if item.reducible < 1 else ""
    return (
        f"tribometer intervention add {_name(item)} --metric {item.kind.metric} --direction down{expected} "
        f"--release {RELEASE}{_options(_narrowest(scope))}"
    )


def _judgeable(metric: str, scope: Mapping[str, str]) -> bool:
    from metrics import CATALOGUE  # noqa: PLC0415 - the catalogue loads every definition
    from metrics.verdicts.weekly import check  # noqa: PLC0415 - as above

    try:
        check(CATALOGUE[metric], "service" if "service" in scope else "team", ())  # everybody is compared by team
    except UsageError:
        return False
    return True


def _name(item: Item) -> str:
    return f"less-{item.kind.name.replace('_', '-')}"


def _narrowest(scope: Mapping[str, str]) -> Mapping[str, str]:
    """An intervention is for services or for teams."""
    return {what: name for what, name in scope.items() if what == "service" or "service" not in scope}


def _options(scope: Mapping[str, str]) -> str:
    return "".join(f" --{what} {shlex.quote(name)}" for what, name in scope.items())
