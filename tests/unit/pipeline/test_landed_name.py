"""Which objects below a topic's prefix the S3 sink has put: connect/README.md has its names."""

import pytest

from pipeline.landed_name import LandedName, landed_name

FOLDER = "topics/u.pin/partition=3/"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (f"{FOLDER}u.pin+3+0000000007.json", LandedName("u.pin", 3, 7, None)),
        (f"{FOLDER}u.pin+3+12345678901.json", LandedName("u.pin", 3, 12345678901, None, 11)),
        (f"{FOLDER}u.pin+3+0000000003+0000000006.missing", LandedName("u.pin", 3, 3, 6)),
        ("topics/u.a+b/partition=0/u.a+b+0+0000000000.json", LandedName("u.a+b", 0, 0, None)),
    ],
)
def test_a_name_of_the_sink_says_topic_partition_and_offsets(key, name):
    assert landed_name("topics", key) == name


@pytest.mark.parametrize(
    ("name", "sorts_on"),
    [
        ("0000000000.json", True),
        ("8999999999.json", True),
        ("9000000000.json", False),  # a billion from where names grow
        ("9999999999.json", False),
        ("10000000000.json", True),
        ("99000000000.json", False),
        ("009999999999.json", True),  # padded to twelve
        ("5000000000+8999999999.missing", True),
        ("5000000000+9000000000.missing", False),
        ("0000000005+12000000000.missing", False),
    ],
)
def test_a_name_says_whether_the_next_one_sorts_behind_it(name, sorts_on):
    assert landed_name("topics", f"{FOLDER}u.pin+3+{name}").sorts_on is sorts_on


def test_an_object_without_lines_says_how_many_records_are_missing():
    assert LandedName("u.pin", 3, 3, 6).missing == 3
    assert LandedName("u.pin", 3, 3, None).missing == 0


@pytest.mark.parametrize(
    "key",
    [
        "",
        FOLDER,
        f"{FOLDER}README.txt",
        f"{FOLDER}_SUCCESS",
        f"{FOLDER}u.pin+3+7.json",  # fewer digits than the sink pads to
        f"{FOLDER}u.pin+3+00000abc12.json",
        f"{FOLDER}u.pin+3+٠٠٠٠٠٠٠٠٠٧.json",  # noqa: RUF001
        f"{FOLDER}u.pin+3+0000000007.json\n",
        f"{FOLDER}u.pin+3+0000000007.json.tmp",
        f"{FOLDER}u.pin+3+0000000007.csv",
        f"{FOLDER}u.pin+3+0000000007.missing",
        f"{FOLDER}u.pin+3+0000000009+0000000007.missing",  # ends before it begins
        f"{FOLDER}u.pin+4+0000000007.json",
        f"{FOLDER}u.geo+3+0000000007.json",
        f"{FOLDER}uxpin+3+0000000007.json",
        f"{FOLDER}more/u.pin+3+0000000007.json",
        "topics/u.pin/partition=03/u.pin+03+0000000007.json",
        "topics/u.pin/partition=x/u.pin+x+0000000007.json",
        "topics/u.pin/u.pin+3+0000000007.json",
        "other/u.pin/partition=3/u.pin+3+0000000007.json",
        "topicsxu.pin/partition=3/u.pin+3+0000000007.json",
    ],
)
def test_any_other_name_is_not_the_sinks(key):
    assert landed_name("topics", key) is None
