"""What is told beside the items of an instrument, under names made from theirs."""

A_DAY, FELT, ON_INFRASTRUCTURE = "a_day", "felt", "infrastructure"
"""What is added to an item's id: who loses a working day a week, who agrees with bad news, hours on infrastructure."""
A_DAY_LOST = 8.0
"""Hours a week that count as a working day lost."""
INFRASTRUCTURE = frozenset({"builds", "flaky_checks", "environments", "deploy", "approval"})
"""The journeys whose hours count as spent on infrastructure (S5b)."""


def derived(item: str, what: str) -> str:
    """The name under which something derived from an item is told."""
    return f"{item}:{what}"
