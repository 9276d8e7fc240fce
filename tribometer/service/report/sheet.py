"""The report in words, as page, terminal and JSON print it: every text is plain, none is markup."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """A value in words with all that is needed to judge it; of several services the median and all units together.

    ``status`` is the result's own, ``words`` the same for a reader. Without a value ``value`` is a dash.
    """

    value: str
    of: str
    together: str
    interval: str
    n: str
    status: str
    words: str


@dataclass(frozen=True)
class Against:
    """How a number compares with the time before: the verdict, the interval of the difference, or why none is."""

    verdict: str
    words: str
    gap: str
    reason: str


@dataclass(frozen=True)
class KeyRow:
    """One of the five keys; ``published`` is where it lies on DORA's scale, empty without a place on it.

    ``course`` tells twelve months, and ``extremes`` the least and the most of them.
    """

    metric: str
    title: str
    better: str
    month: Number
    before: Number
    against: Against
    as_is_now: str
    published: str
    course: str
    extremes: str
    opens: str
    call: str
    opens_before: str
    call_before: str


@dataclass(frozen=True)
class StageRow:
    """One stage of the lead time; ``share`` is 0..1."""

    stage: str
    share: float
    words: str
    median: str
    n: str


@dataclass(frozen=True)
class Stages:
    """Where a change waits; without rows ``note`` says why."""

    rows: tuple[StageRow, ...]
    note: str
    opens: str
    call: str


@dataclass(frozen=True)
class FrictionRow:
    """A kind of friction: its rank with bounds, hours a month, and where most of it lies."""

    rank: str
    title: str
    hours: str
    interval: str
    places: str


@dataclass(frozen=True)
class Frictions:
    """The costliest kinds, and what is to be known of their order."""

    rows: tuple[FrictionRow, ...]
    note: str
    opens: str
    call: str


@dataclass(frozen=True)
class YearlyRow:
    """A number of twelve months, against the twelve before."""

    metric: str
    title: str
    number: Number
    before: str
    against: Against
    opens: str
    call: str


@dataclass(frozen=True)
class VerdictRow:
    """What came of one metric of an intervention."""

    name: str
    metric: str
    horizon: int
    verdict: str
    words: str
    effect: str
    expected: str
    reason: str
    remarks: str
    opens: str
    call: str


@dataclass(frozen=True)
class TrustRow:
    """How far to trust one number: how much is covered, what was left out, and where it comes from."""

    title: str
    version: int
    covered: str
    left_out: tuple[str, ...]
    note: str
    opens: str
    call: str


@dataclass(frozen=True)
class Sheet:
    """The whole page; empty texts and tuples are left out of it."""

    month: str
    before: str
    scope: str
    name: str
    demo: str
    read: str
    made: str
    keys: tuple[KeyRow, ...]
    published: str
    stages: Stages
    frictions: Frictions
    onboarding: tuple[YearlyRow, ...]
    onboarding_note: str
    verdicts: tuple[VerdictRow, ...]
    verdicts_note: str
    trust: tuple[TrustRow, ...]
    stale: tuple[str, ...]
    notes: tuple[str, ...]
