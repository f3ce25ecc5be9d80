"""The blocks of co-ops: named ones unlike each other, others always the same for the same co-op."""

import re

from wallet.web.blocks import NAMED, block


def test_a_co_op_without_a_named_block_always_gets_the_same_one() -> None:
    assert block("weir-mill") == block("weir-mill")
    assert block("weir-mill") != block("alder-clinic")


def test_named_blocks_differ_in_outline_and_not_only_in_ink() -> None:
    outlines = {tuple(path for _ink, path in paths) for paths in NAMED.values()}

    assert len(outlines) == len(NAMED) == 14


def test_every_drawing_begins_with_its_ground_and_holds_path_data_only() -> None:
    drawn = [*NAMED.values(), *(block(f"co-op {number}") for number in range(200))]

    assert all(paths[0][1] == "M0 0h48v48H0z" for paths in drawn)
    assert all(re.fullmatch(r"[MmHhVvLlAaZz0-9 .-]+", path) for paths in drawn for _ink, path in paths)


def test_many_co_ops_get_many_different_blocks() -> None:
    assert len({block(f"co-op {number}") for number in range(200)}) > 150
