"""Block files: what is written is read, and nothing else is taken for a block."""

from __future__ import annotations

import numpy as np
import pytest

from phaseline.execution.blocks import Block, DamagedBlockError, decode, encode


@pytest.fixture
def block() -> Block:
    """Five replications with everything that a table may hold."""
    rng = np.random.default_rng(1)
    outcomes = rng.normal(size=(5, 3))
    outcomes[0] = np.nan, np.inf, -0.0
    histogram = rng.integers(0, 5, size=(4, 2, 8)).astype(np.uint16)
    return Block(outcomes, histogram, rng.integers(-(2**40), 2**40, size=(4, 2)))


def same(a: Block, b: Block) -> bool:
    """Equal to the bit."""
    pairs = ((a.outcomes, b.outcomes), (a.histogram, b.histogram), (a.sums, b.sums))
    return all(
        (x is None) == (y is None) and (x is None or (x.dtype == y.dtype and x.tobytes() == y.tobytes()))
        for x, y in pairs
    )


def test_a_block_comes_back_to_the_bit(block: Block) -> None:
    found = decode(encode(block, "key", 3), "key", 3)
    assert same(found, block)
    assert found.histogram is not None
    assert found.histogram.flags.writeable
    bare = Block(block.outcomes)
    assert same(decode(encode(bare, "key", 9), "key", 9), bare)


def test_equal_blocks_have_equal_bytes(block: Block) -> None:
    view = Block(np.asfortranarray(block.outcomes), block.histogram, block.sums)
    assert encode(view, "key", 3) == encode(block, "key", 3)


def test_any_cut_is_noticed(block: Block) -> None:
    data = encode(block, "key", 0)
    for length in range(len(data)):
        with pytest.raises(DamagedBlockError):
            decode(data[:length], "key", 0)


def test_any_changed_byte_is_noticed(block: Block) -> None:
    data = encode(block, "key", 0)
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(DamagedBlockError):
            decode(bytes(changed), "key", 0)


@pytest.mark.parametrize(("key", "index"), [("other", 0), ("key", 1)])
def test_a_block_of_another_run_or_place_is_refused(block: Block, key: str, index: int) -> None:
    with pytest.raises(DamagedBlockError, match="another run"):
        decode(encode(block, "key", 0), key, index)


def test_series_are_unpacked_only_where_they_are_asked_for(block: Block) -> None:
    found = decode(encode(block, "key", 3), "key", 3, series=False)
    assert np.array_equal(found.outcomes, block.outcomes, equal_nan=True)
    assert found.histogram is None
    assert found.sums is None
