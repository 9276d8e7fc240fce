"""Personal links to a survey's form: signed, so that nothing of them has to be kept, and dead once they are taken back.

A token is the number of an invitation, its generation, and a MAC of 128 bits over both, in 40 letters of base32: no
letter of it is lost at the end of a line, and case does not matter.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tribometer.privacy.pseudonyms import Pseudonyms
    from tribometer.store.records.survey_records import Invitation

PURPOSE = "survey links"
PATH = "/s"
NUMBER_BYTES, GENERATION_BYTES, MAC_BYTES = 6, 3, 16
TOKEN_LETTERS = (NUMBER_BYTES + GENERATION_BYTES + MAC_BYTES) * 8 // 5


def link_key(pseudonyms: Pseudonyms) -> bytes:
    """The key under which a data folder's links are signed."""
    return pseudonyms.purpose_key(PURPOSE)


def token_of(key: bytes, invitation: Invitation) -> str:
    """The token of an invitation as it stands now; `Surveys.revoke` makes it a dead one."""
    said = _said(invitation.number, invitation.generation)
    return base64.b32encode(said + _mac(key, said)).decode("ascii").lower()


def read_token(key: bytes, text: str) -> tuple[int, int] | None:
    """The invitation's number and generation that a token was signed for; None for anything else."""
    if len(text) != TOKEN_LETTERS:
        return None
    try:
        content = base64.b32decode(text, casefold=True)
    except (binascii.Error, ValueError):
        return None
    said, mac = content[:-MAC_BYTES], content[-MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(key, said)):
        return None
    return int.from_bytes(said[:NUMBER_BYTES], "big"), int.from_bytes(said[NUMBER_BYTES:], "big")


def link(base_url: str, token: str) -> str:
    """The address of the form, below where people reach the service."""
    return f"{base_url.rstrip('/')}{PATH}/{token}"


def _said(number: int, generation: int) -> bytes:
    return number.to_bytes(NUMBER_BYTES, "big") + generation.to_bytes(GENERATION_BYTES, "big")


def _mac(key: bytes, said: bytes) -> bytes:
    return hmac.digest(key, said, hashlib.sha256)[:MAC_BYTES]
