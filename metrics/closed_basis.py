"""What anything kept was made from, beside the events: this version of the code, its libraries, and the rules."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING

import tribometer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

    from tribometer.settings import Rules

LIBRARIES = ("duckdb", "scipy", "holidays", "tzdata")
"""What computes, hashes, or knows calendars."""


@cache
def edition() -> str:
    """A digest of this package as installed and of the versions of what it computes with."""
    digest = sha256(tribometer.__version__.encode())
    for name, content in sorted(_contents(files("metrics"))):
        digest.update(f"{name}\n{len(content)}\n".encode() + content)
    digest.update(" ".join(f"{name} {version(name)}" for name in LIBRARIES).encode())
    return digest.hexdigest()


def _contents(folder: Traversable) -> Iterator[tuple[str, bytes]]:
    for each in folder.iterdir():
        if each.is_dir() and not each.name.startswith("__"):
            yield from ((f"{folder.name}/{name}", content) for name, content in _contents(each))
        elif each.name.endswith((".py", ".sql", ".toml")):
            yield f"{folder.name}/{each.name}", each.read_bytes()


def rules_text(rules: Rules) -> str:
    """The rules as one text; the order of tiers counts."""
    return repr(rules)


def made_with(rules: Rules) -> str:
    """A short digest of edition and rules: how every seal begins that can still be the seal of anything."""
    return sha256(f"{edition()}\n{rules_text(rules)}".encode()).hexdigest()[:16]


def basis_text(rules: Rules, stamps: Mapping[str, int]) -> str:
    """What a table was made from: edition, rules, and how often each table it reads was written to."""
    return json.dumps({"edition": edition(), "rules": rules_text(rules), "stamps": dict(sorted(stamps.items()))})


def stands(basis: str, rules: Rules, stamps: Mapping[str, int]) -> bool:
    """Whether all that a table was made from is as it was."""
    made = json.loads(basis)
    read = {name: stamps.get(name, 0) for name in made["stamps"]}
    return basis == basis_text(rules, read)


def is_outdated(basis: str, rules: Rules) -> bool:
    """Whether a table was made by another edition or under other rules, so that it stands for no stamps at all."""
    made = json.loads(basis)
    return bool((made["edition"], made["rules"]) != (edition(), rules_text(rules)))
