"""Charts on a page. Making one takes far longer than drawing it, so the same chart of the same data is made once."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING

import altair as alt
import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.charts import Specification

    Make = Callable[..., alt.TopLevelMixin | Specification]

MOST_KEPT = 1_000
# its own theme says only how wide a chart is, which is the page's to say
alt.theme.enable("none")


class Specifications:
    """The newest specifications of charts, by what they are made from. Safe to use from several threads."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._guard = Lock()
        self._kept: OrderedDict[bytes, Specification] = OrderedDict()

    def of(self, make: Make, given: tuple[object, ...], options: dict[str, object]) -> Specification:
        """Return the specification of the chart that ``make`` makes; not to be changed."""
        told = pickle.dumps((make.__module__, make.__qualname__, given, options))
        key = blake2b(told, digest_size=20).digest()
        with self._guard:
            found = self._kept.get(key)
        if found is None:
            made = make(*given, **options)
            found = made if isinstance(made, dict) else made.to_dict()
            with self._guard:
                self._kept[key] = found
                if len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return found


SPECIFICATIONS = Specifications()


def draw(make: Make, *given: object, alt: str, key: str | None = None, **options: object) -> None:
    """Draw the chart that ``make`` makes of what is given, which is values that `pickle` can write.

    ``alt`` says in words what it shows, for those who do not see it.
    """
    st.vega_lite_chart(SPECIFICATIONS.of(make, given, options), alt=alt, key=key)
