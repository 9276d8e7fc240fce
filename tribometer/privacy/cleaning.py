"""What of a text is no secret: of prose, of an address, and of a name, which has to stay apart from others.

None of these needs the key. Cleaning twice is cleaning once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tribometer.privacy.addresses import bare, bare_address, without_secrets
from tribometer.privacy.masking import MASK, SIGNS, masked

if TYPE_CHECKING:
    from collections.abc import Iterable

OF_AN_ADDRESS = "?#@"
"""What a URL has that is taken away, if only one of these letters is in it."""


def clean_text(text: str) -> str:
    """Prose: its URLs without user, query and fragment, its secrets masked."""
    return masked(bare(text))


def clean_address(address: str) -> str:
    """A text that is one URL; where it is nothing but a query, the mask is left of it."""
    return masked(bare_address(address)) or (address and MASK)


def clean_name(name: str) -> str:
    """A name or key: of a URL's query only what is named like a secret goes, as the rest may tell things apart."""
    return masked(without_secrets(name))


def is_clean(texts: Iterable[str]) -> bool:
    """Whether none of the texts can hold a secret or a URL to be cleaned: a quick look, which says no when in doubt."""
    joined = "\n".join(texts).lower()
    if "://" in joined and any(letter in joined for letter in OF_AN_ADDRESS):
        return False
    for sign in SIGNS:  # noqa: SIM110 - twice as fast as any() of a generator, and it is asked of every event
        if sign in joined:
            return False
    return True
