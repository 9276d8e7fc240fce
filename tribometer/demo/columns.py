"""Columns of events: numpy arrays turned into Arrow arrays, without a Python object per row.

Times are seconds since 1970 as floats while they are worked on, so that NaN says "not known"; an event has null there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SHA_LETTERS = 40
INSTANT = pa.timestamp("us", tz="UTC")


def instants(seconds: Floats) -> pa.Array:
    """Times to the second; NaN becomes null."""
    missing = np.isnan(seconds)
    whole = np.where(missing, 0, np.rint(seconds)).astype(np.int64)
    return pa.array(whole * 1_000_000, mask=missing).cast(INSTANT)


def whole(values: Ints | Floats, known: Flags | None = None) -> pa.Array:
    """Whole numbers; null where not ``known``."""
    return pa.array(np.asarray(values).astype(np.int64), mask=None if known is None else ~known)


def truth(values: Flags, known: Flags | None = None) -> pa.Array:
    """Truth values; null where not ``known``."""
    return pa.array(values, mask=None if known is None else ~known)


def words(vocabulary: Sequence[str | None] | pa.Array, codes: Ints | Flags) -> pa.Array:
    """The word of each code; null for negative codes."""
    places = np.asarray(codes).astype(np.int64)
    known = vocabulary if isinstance(vocabulary, pa.Array) else pa.array(vocabulary, pa.string())
    return known.take(pa.array(places, mask=places < 0))


def joined(*parts: pa.Array | str) -> pa.Array:
    """Texts put together, element by element; null where one of them is."""
    texts = [
        part if isinstance(part, str) or pa.types.is_string(part.type) else part.cast(pa.string()) for part in parts
    ]
    return pc.binary_join_element_wise(*texts, "")


def same(text: str | None, count: int) -> pa.Array:
    """One text in every row."""
    return words([text], np.zeros(count, np.int64))


def shas(stream: np.random.Generator, count: int) -> pa.Array:
    """Random commit or tree names: 40 hexadecimal digits."""
    digits = stream.bytes(count * SHA_LETTERS // 2).hex().encode("ascii")
    ends = np.arange(0, (count + 1) * SHA_LETTERS, SHA_LETTERS, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(digits))


def lists(lengths: Ints, values: pa.Array, known: Flags | None = None) -> pa.Array:
    """Cut ``values`` into consecutive lists of these lengths; null where not ``known`` (its length is 0)."""
    ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    mask = None if known is None else pa.array(~known)
    return pa.ListArray.from_arrays(pa.array(ends), values, mask=mask)


def counted_out(lengths: Ints) -> tuple[Ints, Ints]:
    """For rows repeated ``lengths`` times: which row each repetition belongs to, and its place among them."""
    row = np.repeat(np.arange(len(lengths)), lengths)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def table(source: str, identity: pa.Array, **fields: Any) -> pa.Table:  # noqa: ANN401 - Arrow ships no types
    """A table of events of one source; a double underscore in a field's name stands for the dot of a reference."""
    named = {name.replace("__", "."): column for name, column in fields.items()}
    return pa.table({"source": same(source, len(identity)), "id": identity, **named})
