"""What counts as missing and as extra between what was acknowledged and what a topic holds."""

import pytest

from emulator.verify import Comparison, compare


@pytest.mark.parametrize(
    ("acknowledged", "found", "expected"),
    [
        ({}, {}, Comparison(0, 0, missing=0, extra=0)),
        ({"1": 1, "2": 1}, {"1": 1, "2": 1}, Comparison(2, 2, missing=0, extra=0)),
        ({"1": 1, "2": 1}, {"1": 1}, Comparison(2, 1, missing=1, extra=0)),
        ({"1": 1}, {"1": 3, "2": 1}, Comparison(1, 4, missing=0, extra=3)),
        # As many here as there, and yet one is lost: totals alone would not tell.
        ({"1": 2, "2": 1}, {"1": 1, "2": 2}, Comparison(3, 3, missing=1, extra=1)),
        # A row without a key is a record like others, and no key is not the key "None".
        ({None: 2}, {"None": 2}, Comparison(2, 2, missing=2, extra=2)),
    ],
)
def test_compare(acknowledged, found, expected):
    assert compare(acknowledged, found) == expected
