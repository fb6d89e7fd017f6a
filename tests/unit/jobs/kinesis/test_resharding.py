"""Splits and merges: children behind their parents, nothing left out, nothing twice."""

from tests.unit.jobs.kinesis.simulator import name


def test_a_split(kinesis, start):
    query = start()
    kinesis.put("a")
    assert query.texts() == ["a"]
    kinesis.put("b")
    kinesis.split(0)
    kinesis.put("left", shard=1)
    kinesis.put("right", shard=2)
    assert [query.texts(), query.texts(), query.texts()] == [["b"], ["left", "right"], []]


def test_a_merge_waits_for_the_slower_parent(kinesis, start):
    kinesis.make(2)
    query = start(maxRecordsPerTrigger="2")
    kinesis.put("a1", "a2", "a3")
    kinesis.put("b1", shard=1)
    kinesis.merge(0, 1)
    kinesis.put("child", shard=2)
    assert [query.texts() for _ in range(4)] == [["a1", "b1"], ["a2", "a3"], ["child"], []]


def test_one_to_four_to_two(kinesis, start):
    query = start()
    kinesis.put("0")
    kinesis.split(0)  # → 1, 2
    for shard in (1, 2):
        kinesis.put(str(shard), shard=shard)
        kinesis.split(shard)  # → 3, 4 and 5, 6
    for shard in (3, 4, 5, 6):
        kinesis.put(str(shard), shard=shard)
    kinesis.merge(3, 4)  # → 7
    kinesis.merge(5, 6)  # → 8
    for shard in (7, 8):
        kinesis.put(str(shard), shard=shard)
    assert [query.texts() for _ in range(5)] == [["0"], ["1", "2"], ["3", "4", "5", "6"], ["7", "8"], []]


def test_a_shard_that_closes_without_a_record(kinesis, start):
    query = start()
    query.trigger()
    kinesis.split(0)
    kinesis.split(1)
    kinesis.put("grandchild", shard=3)
    kinesis.put("child", shard=2)
    assert [query.texts() for _ in range(4)] == [[], ["child"], ["grandchild"], []]


def test_a_shard_that_tells_its_end_in_an_answer_of_its_own(kinesis, start):
    kinesis.ends_late = True
    query = start(shardFetchInterval="1h")
    kinesis.put("parent")
    kinesis.split(0)
    kinesis.put("child", shard=1)
    assert [query.texts() for _ in range(4)] == [["parent"], [], ["child"], []]


def test_children_are_looked_for_as_soon_as_a_shard_has_ended(kinesis, start):
    query = start(shardFetchInterval="1h")
    kinesis.put("parent")
    kinesis.split(0)
    kinesis.put("child", shard=1)
    assert [query.texts(), query.texts()] == [["parent"], ["child"]]
    assert len(kinesis.called("ListShards")) == 2


def test_shards_are_listed_no_more_often_than_asked_for(kinesis, clock, start):
    query = start(shardFetchInterval="10s")
    for _ in range(5):
        query.trigger()
        clock.sleep(4)
    assert len(kinesis.called("ListShards")) == 2


def test_shards_that_are_closed_when_a_query_starts_at_the_tip_are_not_read(kinesis, clock, start):
    kinesis.put("old")
    kinesis.split(0)
    kinesis.put("old", shard=1)
    clock.sleep(1)
    query = start(initialPosition="latest")
    assert query.texts() == []
    kinesis.put("new", shard=1)
    clock.sleep(1)
    query.restart()
    assert query.drain() == ["new"]
    assert {body["ShardId"] for body in kinesis.called("GetShardIterator")} == {name(1), name(2)}


def test_a_split_behind_a_start_at_the_tip(kinesis, clock, start):
    query = start(initialPosition="latest")
    query.trigger()
    kinesis.split(0)
    kinesis.put("child", shard=1)
    clock.sleep(1)
    assert query.texts() + query.texts() == ["child"]


def test_a_split_before_the_moment_to_start_at(kinesis, clock, start):
    """Of the children, too, what arrived before is not to be read."""
    kinesis.put("before")
    kinesis.split(0)
    kinesis.put("before", shard=1)
    clock.sleep(60)
    kinesis.put("after", shard=1)
    clock.sleep(60)
    query = start(initialPosition='{"at_timestamp": "2027-01-15T08:01:00Z"}')
    assert [query.texts(), query.texts()] == [[], ["after"]]


def test_a_split_behind_the_moment_to_start_at(kinesis, clock, start):
    kinesis.put("before")
    clock.sleep(60)
    kinesis.put("after")
    kinesis.split(0)
    kinesis.put("child", shard=2)
    clock.sleep(60)
    query = start(initialPosition='{"at_timestamp": "2027-01-15T08:01:00Z"}')
    assert [query.texts(), query.texts()] == [["after"], ["child"]]


def test_a_closed_shard_is_forgotten_when_the_stream_forgets_it(kinesis, clock, start):
    query = start()
    kinesis.put("parent")
    kinesis.split(0)
    assert query.drain() == ["parent"]
    assert list(query.offset()) == [name(0), name(1), name(2)]
    for _ in range(3):
        clock.pass_hours(10)
        query.trigger()
    assert list(query.offset()) == [name(1), name(2)]
    kinesis.put("child", shard=1)
    query.restart()
    assert query.drain() == ["child"]


def test_a_shard_read_to_its_end_stays_known_as_long_as_the_stream_has_it(kinesis, clock, start):
    """Were it forgotten before, it would be taken for a new one, and read from its beginning."""
    kinesis.retention_hours = 168
    kinesis.put("old")
    clock.sleep(1)
    query = start(initialPosition="latest")
    query.trigger()
    kinesis.split(0)
    for _ in range(20):
        clock.pass_hours(8)
        query.restart()
        assert query.texts() == []
    assert list(query.offset()) == [name(0), name(1), name(2)]


def test_a_child_behind_a_long_backlog_is_as_fresh_as_the_parent_was_at_its_end(kinesis, clock, start):
    """What is known of it from the time of the split would be older than the retention by now."""
    kinesis.put("a")
    clock.pass_hours(5)
    kinesis.put("b")
    kinesis.split(0)
    kinesis.put("child", shard=1)
    query = start(maxRecordsPerTrigger="1")
    clock.pass_hours(18)
    assert query.texts() == ["a"]
    clock.pass_hours(0.5)
    assert query.texts() == ["b"]
    clock.pass_hours(0.4)
    assert query.texts() == ["child"]


def test_an_unlisted_child_is_found_later(kinesis, start):
    """The list may lag behind: the parent has ended, and its children are not in it yet."""
    query = start()
    kinesis.put("parent")
    kinesis.split(0)
    children = {shard: kinesis.shards.pop(shard) for shard in (name(1), name(2))}
    assert [query.texts(), query.texts()] == [["parent"], []]
    kinesis.shards |= children
    kinesis.put("child", shard=1)
    assert query.texts() == ["child"]
