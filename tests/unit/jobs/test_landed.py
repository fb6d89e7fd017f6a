"""What a load takes for landed, of all that lies below a topic's prefix; S3 is a listing in memory."""

import pytest

from jobs.figures import Figures
from jobs.landed import objects_behind
from jobs.load import _count_missing, load_objects, new_objects
from jobs.progress import Progress
from pipeline.estate import Estate
from tests.outputs import ON_AWS
from tests.s3 import AT, MemoryS3

TOPICS = {"pin": "u.pin", "geo": "u.geo", "user": "u.user"}
PIN = "topics/u.pin/partition=0/"
STRAYS = [
    "topics/u.pin/README.txt",
    PIN,
    f"{PIN}README.txt",
    f"{PIN}u.geo+0+0000000009.json",
    f"{PIN}u.pin+0+7.json",
    f"{PIN}zzz.json",
    "topics/u.pin/partition=x/u.pin+x+0000000001.json",
]


@pytest.fixture
def estate(monkeypatch) -> Estate:
    s3 = MemoryS3()
    monkeypatch.setattr(Estate, "client", lambda self, service: s3)
    made = Estate.model_validate(ON_AWS | {"topics": TOPICS, "dead_letter_topic": "u.dead-letter"})
    for key in STRAYS:
        s3.put(key)
    return made


def keys(estate, last_read=None):
    return [landed.key for landed in objects_behind(estate, "u.pin", last_read or {})]


def test_strays_are_passed_over_and_said_to_be(estate, capsys):
    first, second = f"{PIN}u.pin+0+0000000000.json", f"{PIN}u.pin+0+0000000900.json"
    estate.client("s3").put(second)
    estate.client("s3").put(first)

    assert keys(estate) == [first, second]

    assert capsys.readouterr().out == (f"u.pin: passed over 6 objects that the S3 sink did not put, as {PIN}\n")
    assert keys(estate, {PIN: first}) == [second]


def test_strays_alone_are_nothing_new_and_move_no_position(estate):
    progress = Progress()
    assert new_objects(estate, progress) == {}
    assert progress.last_read == {}


def test_a_position_that_a_stray_had_moved_is_not_gone_by(estate):
    estate.client("s3").put(f"{PIN}u.pin+0+0000000000.json")
    assert keys(estate, {PIN: f"{PIN}zzz.json"}) == [f"{PIN}u.pin+0+0000000000.json"]


def test_what_lands_in_a_folder_that_was_emptied_is_new_whatever_its_name(estate):
    first, second = f"{PIN}u.pin+0+0000000000.json", f"{PIN}u.pin+0+0000000900.json"
    other = "topics/u.pin/partition=1/u.pin+1+0000000900.json"
    estate.client("s3").put(first)
    estate.client("s3").put(other)
    assert keys(estate, {PIN: second, "topics/u.pin/partition=1/": other}) == [first]


def test_a_name_beside_the_last_one_read_does_not_hide_it(estate):
    first, second = f"{PIN}u.pin+0+0000000000.json", f"{PIN}u.pin+0+0000000900.json"
    for key in (first, second, f"{second[:-1]}a", f"{second}.bak"):
        estate.client("s3").put(key)
    assert keys(estate, {PIN: second}) == []


# Past ten digits names grow: as texts, the first two would come last.
LONG = [
    f"{PIN}u.pin+0+{name}" for name in ("9999980000.json", "9999990000.json", "10000000000.json", "10000010000.json")
]


@pytest.mark.parametrize("read", range(5))
def test_past_ten_digits_offsets_are_compared_as_numbers(estate, read):
    for key in LONG:
        estate.client("s3").put(key)
    assert keys(estate, {PIN: LONG[read - 1]} if read else {}) == LONG[read:]


def test_nothing_is_lost_or_read_twice_while_names_grow(estate):
    progress, read = Progress(), []
    for key in LONG:
        estate.client("s3").put(key)
        objects = new_objects(estate, progress)["u.pin"]
        read += [landed.key for landed in objects]
        progress.read(objects)
        assert new_objects(estate, progress) == {}
    assert read == LONG


def test_names_that_grew_within_one_load_are_found(estate):
    names = ("8999980000.json", "8999990000+9999990000.missing", "9999990000.json", "10000000000.json")
    landed = [f"{PIN}u.pin+0+{name}" for name in names]
    for key in landed:
        estate.client("s3").put(key)
    assert keys(estate, {PIN: landed[0]}) == landed[1:]


def test_what_kafka_had_dropped_may_reach_past_ten_digits(estate):
    gap, after = f"{PIN}u.pin+0+5000000000+20000000000.missing", f"{PIN}u.pin+0+20000000000.json"
    for key in (gap, after):
        estate.client("s3").put(key)
    assert keys(estate) == [gap, after]
    assert keys(estate, {PIN: gap}) == [after]
    assert keys(estate, {PIN: after}) == []


def test_what_was_read_is_not_listed_again_where_names_sort(estate, monkeypatch):
    s3, asked = estate.client("s3"), []
    s3.put(f"{PIN}u.pin+0+8000000000.json")
    s3.put(f"{PIN}u.pin+0+8000010000.json")
    paginate = s3.paginate
    monkeypatch.setattr(s3, "paginate", lambda **request: asked.append(request) or paginate(**request))
    assert keys(estate, {PIN: f"{PIN}u.pin+0+8000000000.json"}) == [f"{PIN}u.pin+0+8000010000.json"]
    assert [request["StartAfter"] for request in asked if request["Prefix"] == PIN] == [f"{PIN}u.pin+0+8000000000.jso"]


def test_only_records_make_a_topic_newer(estate):
    progress = Progress()
    estate.client("s3").put(f"{PIN}u.pin+0+0000000010+0000000100.missing")
    progress.read(new_objects(estate, progress)["u.pin"])
    assert progress.newest == {}

    estate.client("s3").put(f"{PIN}u.pin+0+0000000100.json")
    progress.read(new_objects(estate, progress)["u.pin"])
    assert progress.newest == {"u.pin": AT}


def test_a_load_that_finds_only_what_kafka_had_dropped_needs_no_engine(estate):
    for topic, after in (("u.pin", 90), ("u.dead-letter", 3)):
        estate.client("s3").put(f"topics/{topic}/partition=0/{topic}+0+0000000000+{after:010}.missing")
    progress = Progress()

    load_objects(None, estate, new_objects(estate, progress), progress)

    assert progress.figures == {"u.pin": Figures(missing=90), "u.dead-letter": Figures(missing=3)}
    assert new_objects(estate, progress) == {}


def test_what_kafka_had_dropped_is_counted_and_moves_the_position(estate, capsys):
    gap = f"{PIN}u.pin+0+0000000010+0000000100.missing"
    estate.client("s3").put(gap)
    progress = Progress(figures={"u.pin": Figures(records_in=10, clean=10)})
    objects = new_objects(estate, progress)["u.pin"]
    capsys.readouterr()

    _count_missing("u.pin", objects, progress)
    progress.read(objects)

    assert progress.figures == {"u.pin": Figures(records_in=10, clean=10, missing=90)}
    assert str(progress.figures["u.pin"]) == (
        "10 in = 10 clean + 0 rejected + 0 superseded; 90 were gone before they landed"
    )
    assert progress.last_read == {PIN: gap}
    assert capsys.readouterr().out == (
        "u.pin: 90 records of partition 0 (offsets 10 to 99) were gone from Kafka before they landed\n"
    )
