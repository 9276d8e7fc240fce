"""Which rows hold nothing to be cleaned, as SQL: a quick look that says no when in doubt, and then the row path does.

It may say no where there is nothing to clean, and never yes where there is: what `is_clean` looks for, and more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tribometer.privacy import OF_AN_ADDRESS, SIGNS, people_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tribometer.store.bulk_rules import Rule
    from tribometer.store.tables import Column

SIGN = "|".join(re.escape(sign) for sign in SIGNS)
TEXT = {
    "VARCHAR": '"{name}"',
    "VARCHAR[]": "array_to_string(\"{name}\", ' ')",
    "STRUCT(path VARCHAR, additions BIGINT, deletions BIGINT)[]": (
        "array_to_string(list_transform(\"{name}\", lambda each: each['path']), ' ')"
    ),
}
"""By SQL type: the text that a column holds."""


def clean(event_type: str, rules: Sequence[Rule]) -> str:
    """SQL: whether nothing in a row's texts can be a secret, a person that is mentioned, or a URL to be cleaned."""
    people = people_in(event_type)
    columns = [column for rule in rules if rule.field not in people.named for column in rule.columns]
    checks = [f"NOT contains(\"{name}\", '@')" for name in people.written]
    titles = [column for rule in rules if rule.field in people.titles for column in rule.columns]
    checks += [f"NOT contains({TEXT[each.sql_type].format(name=each.name)}, '@')" for each in titles]
    checks += [f"NOT regexp_matches(\"{name}\", '[{OF_AN_ADDRESS}]')" for name in people.addresses]
    return " AND ".join([_clean(columns), *(f"coalesce({each}, true)" for each in checks)])


def identity(rules: Sequence[Rule]) -> Iterator[str]:
    """SQL: source and id of a row, null where they may become others by cleaning."""
    for column in (column for rule in rules if rule.field in {"source", "id"} for column in rule.columns):
        yield f'CASE WHEN plain OR {_clean([column])} THEN "{column.name}" END AS "{column.name}"'


def _clean(columns: Sequence[Column]) -> str:
    texts = [TEXT[each.sql_type].format(name=each.name) for each in columns if each.sql_type in TEXT]
    text = f"concat_ws(' ', {', '.join(texts)})"
    return rf"NOT regexp_matches(lower({text}), '{SIGN}|://\S*[{OF_AN_ADDRESS}]')"
