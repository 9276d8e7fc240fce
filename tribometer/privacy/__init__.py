"""People as keyed pseudonyms, and no secrets: what names or gives away is replaced before anything is stored.

A pseudonym is ``p_`` and 26 base-32 characters of HMAC-SHA256 over the handle in its one spelling. The key lies beside
the store, never in it, so that a copy of the store alone tells nobody's name and cannot be searched by guessing names.
"""

from tribometer.privacy.cleaning import OF_AN_ADDRESS
from tribometer.privacy.fields import People, people_in
from tribometer.privacy.handles import PSEUDONYM
from tribometer.privacy.key_file import KEY_FILE
from tribometer.privacy.masking import SIGNS
from tribometer.privacy.pseudonyms import Likeness, Pseudonyms

__all__ = ["KEY_FILE", "OF_AN_ADDRESS", "PSEUDONYM", "SIGNS", "Likeness", "People", "Pseudonyms", "people_in"]
