"""A block of replications as bytes: written once, checked on every reading.

A block file is the magic line, the length of a header, the header (JSON: which question and block it belongs to, and the
name, type, shape and compressed length of each array), the compressed arrays, and a BLAKE2b digest of all before it.
The bytes are a pure function of the content, so two processes that write the same block write the same file.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

BLOCK = 1024
"""Replications in a block: the unit of storage."""
SERIES_BLOCKS = 8
"""Blocks for which daily series are kept: the first 8,192 replications.

That puts each quantile within about half a percentile."""

_MAGIC = b"phaseline block 1\n"
_LENGTH = struct.Struct("<I")
_DIGEST_BYTES = 32
# Level 1 halves the time of the default and costs a tenth more space on outcome tables.
_LEVEL = 1


class DamagedBlockError(Exception):
    """The bytes are not a whole block of the question asked for."""


@dataclass(frozen=True)
class Block:
    """The replications of one block that are there, always from its first.

    Attributes
    ----------
    outcomes
        float64, shape (count, columns).
    histogram
        Counts of replications per day, series and bin: uint16, shape (days, series, bins); None where series were not
        asked for, and beyond the first `SERIES_BLOCKS` blocks.
    sums
        Sums over replications per day and series, whole numbers: int64, shape (days, series); None as above.
    """

    outcomes: np.ndarray
    histogram: np.ndarray | None = None
    sums: np.ndarray | None = None

    @property
    def count(self) -> int:
        """Replications held."""
        return len(self.outcomes)


def encode(block: Block, key: str, index: int) -> bytes:
    """Bytes of a block file.

    Parameters
    ----------
    block
        What to write.
    key
        The question the block answers.
    index
        Number of the block in its run.
    """
    # Columns side by side, and the bytes of like weight together: most columns repeat themselves.
    arrays = {"outcomes": block.outcomes.T}
    if block.histogram is not None and block.sums is not None:
        arrays |= {"histogram": block.histogram, "sums": block.sums}
    header: dict[str, Any] = {"key": key, "index": index, "arrays": []}
    parts = []
    for name, array in arrays.items():
        plain = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        lanes = plain.reshape(-1).view(np.uint8).reshape(-1, plain.itemsize).T
        part = zlib.compress(lanes.tobytes(), _LEVEL)
        parts.append(part)
        entry = {"name": name, "dtype": plain.dtype.str, "shape": list(plain.shape), "length": len(part)}
        header["arrays"].append(entry)
    text = json.dumps(header, sort_keys=True).encode()
    body = b"".join([_MAGIC, _LENGTH.pack(len(text)), text, *parts])
    return body + _digest(body)


def decode(data: bytes, key: str, index: int, *, series: bool = True) -> Block:
    """Read a block file.

    Parameters
    ----------
    data, key, index
        As of `encode`.
    series
        Whether to unpack the daily series, many times larger than the outcomes, where there are any.

    Raises
    ------
    DamagedBlockError
        If anything is not as it was written, or belongs to another question.
    """
    body, digest = memoryview(data)[:-_DIGEST_BYTES], data[-_DIGEST_BYTES:]
    start = len(_MAGIC) + _LENGTH.size
    if len(body) < start or data[: len(_MAGIC)] != _MAGIC:
        raise DamagedBlockError("it is cut short or no block")
    if _digest(body) != digest:
        raise DamagedBlockError("its checksum does not fit")
    (length,) = _LENGTH.unpack(body[len(_MAGIC) : start])
    header = json.loads(bytes(body[start : start + length]))
    if (header["key"], header["index"]) != (key, index):
        raise DamagedBlockError("it belongs to another run")
    arrays = _arrays(header["arrays"], body[start + length :], None if series else ("outcomes",))
    return Block(arrays["outcomes"].T, arrays.get("histogram"), arrays.get("sums"))


def _arrays(
    entries: list[Mapping[str, Any]], body: memoryview, wanted: Collection[str] | None
) -> dict[str, np.ndarray]:
    found, at = {}, 0
    for entry in entries:
        part = body[at : at + entry["length"]]
        at += entry["length"]
        if wanted is not None and entry["name"] not in wanted:
            continue
        dtype = np.dtype(entry["dtype"])
        lanes = np.frombuffer(zlib.decompress(part), dtype=np.uint8)
        plain = np.array(lanes.reshape(dtype.itemsize, -1).T, order="C").view(dtype)
        found[entry["name"]] = plain.reshape(entry["shape"])
    return found


def _digest(body: bytes | memoryview) -> bytes:
    return hashlib.blake2b(body, digest_size=_DIGEST_BYTES).digest()
