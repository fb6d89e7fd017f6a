"""Splits, merges, and how a shard's end leads to its children."""

import pytest

from tests.unit.kinesis.conftest import Kinesis, name

MIDDLE = str(2**127)


def ranges(kinesis: Kinesis) -> dict[str, tuple[int, int]]:
    """Of the open shards, by id."""
    listed = kinesis.call("ListShards", ShardFilter={"Type": "AT_LATEST"})["Shards"]
    hashes = {shard["ShardId"]: shard["HashKeyRange"] for shard in listed}
    return {shard: (int(told["StartingHashKey"]), int(told["EndingHashKey"])) for shard, told in hashes.items()}


def test_the_shards_of_a_new_stream_share_all_hash_keys():
    third = 2**128 // 3
    assert ranges(Kinesis(3)) == {
        name(0): (0, third - 1),
        name(1): (third, 2 * third - 1),
        name(2): (2 * third, 2**128 - 1),
    }


def test_a_split_ends_the_shard_and_opens_its_two_children(kinesis):
    kinesis.put("a", key="a")
    kinesis.call("SplitShard", ShardToSplit=name(0), NewStartingHashKey=MIDDLE)
    kinesis.put("b", key="b")
    kinesis.put("c", key="a")

    assert ranges(kinesis) == {name(1): (0, 2**127 - 1), name(2): (2**127, 2**128 - 1)}
    told = kinesis.get(kinesis.iterator())
    assert len(told["Records"]) == 1
    assert "NextShardIterator" not in told
    assert told["ChildShards"] == [
        {
            "ShardId": name(1),
            "ParentShards": [name(0)],
            "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": str(2**127 - 1)},
        },
        {
            "ShardId": name(2),
            "ParentShards": [name(0)],
            "HashKeyRange": {"StartingHashKey": MIDDLE, "EndingHashKey": str(2**128 - 1)},
        },
    ]
    assert (kinesis.read(kinesis.iterator(1)), kinesis.read(kinesis.iterator(2))) == (["c"], ["b"])
    parent, *children = kinesis.call("ListShards")["Shards"]
    numbers = parent["SequenceNumberRange"]
    assert int(numbers["StartingSequenceNumber"]) < int(numbers["EndingSequenceNumber"])
    assert [child["ParentShardId"] for child in children] == [name(0), name(0)]
    assert all("EndingSequenceNumber" not in child["SequenceNumberRange"] for child in children)


def test_a_closed_shard_goes_on_until_its_last_record_is_read(kinesis):
    kinesis.put("a", "b")
    kinesis.call("SplitShard", ShardToSplit=name(0), NewStartingHashKey=MIDDLE)
    told = kinesis.get(kinesis.iterator(), Limit=1)
    assert "ChildShards" not in told
    assert "NextShardIterator" not in kinesis.get(told["NextShardIterator"], Limit=1)


@pytest.mark.parametrize(("left", "right"), [(0, 1), (1, 0)])
def test_a_merge_makes_one_of_two_neighbours_in_either_order(left, right):
    kinesis = Kinesis(2)
    kinesis.call("MergeShards", ShardToMerge=name(left), AdjacentShardToMerge=name(right))
    assert ranges(kinesis) == {name(2): (0, 2**128 - 1)}
    merged = kinesis.call("ListShards")["Shards"][2]
    assert (merged["ParentShardId"], merged["AdjacentParentShardId"]) == (name(left), name(right))
    for parent in (left, right):
        [child] = kinesis.get(kinesis.iterator(parent))["ChildShards"]
        assert (child["ShardId"], child["ParentShards"]) == (name(2), [name(left), name(right)])


def test_what_cannot_be_split_or_merged_is_refused():
    kinesis = Kinesis(3)
    merge = {"ShardToMerge": name(0), "AdjacentShardToMerge": name(2)}
    assert kinesis.refusal("MergeShards", **merge) == (
        "InvalidArgumentException",
        "Shards shardId-000000000000 and shardId-000000000002 in stream pins under account 000000000000 are not an "
        "adjacent pair of shards eligible for merging",
    )
    split = {"ShardToSplit": name(0), "NewStartingHashKey": "1"}
    assert kinesis.refusal("SplitShard", **split)[0] == "InvalidArgumentException"
    assert kinesis.refusal("SplitShard", **split | {"ShardToSplit": name(7)}) == (
        "ResourceNotFoundException",
        "Shard shardId-000000000007 in stream pins under account 000000000000 does not exist",
    )
    kinesis.call("SplitShard", **split | {"NewStartingHashKey": "1000"})
    assert kinesis.refusal("SplitShard", **split | {"NewStartingHashKey": "500"}) == (
        "InvalidArgumentException",
        "Shard shardId-000000000000 in stream pins under account 000000000000 has already been merged or split, and "
        "thus is not eligible for merging or splitting.",
    )


def test_a_number_of_shards_is_reached_by_splits_and_merges():
    kinesis = Kinesis(2)
    told = kinesis.call("UpdateShardCount", TargetShardCount=4, ScalingType="UNIFORM_SCALING")
    assert (told["CurrentShardCount"], told["TargetShardCount"]) == (2, 4)
    quarter = 2**126
    assert sorted(ranges(kinesis).values()) == [(n * quarter, (n + 1) * quarter - 1) for n in range(4)]
    kinesis.call("UpdateShardCount", TargetShardCount=2, ScalingType="UNIFORM_SCALING")
    assert sorted(ranges(kinesis).values()) == [(0, 2**127 - 1), (2**127, 2**128 - 1)]
    for target in (5, 9):
        refused = kinesis.refusal("UpdateShardCount", TargetShardCount=target, ScalingType="UNIFORM_SCALING")
        assert refused[0] == "InvalidArgumentException"


def test_a_closed_shard_is_listed_until_its_records_are_too_old(kinesis, clock):
    kinesis.put("a")
    kinesis.call("SplitShard", ShardToSplit=name(0), NewStartingHashKey=MIDDLE)
    clock.now += 24 * 3600
    assert [shard["ShardId"] for shard in kinesis.call("ListShards")["Shards"]] == [name(0), name(1), name(2)]
    clock.now += 1
    assert [shard["ShardId"] for shard in kinesis.call("ListShards")["Shards"]] == [name(1), name(2)]
    gone = {"ShardId": name(0), "ShardIteratorType": "TRIM_HORIZON"}
    assert kinesis.refusal("GetShardIterator", **gone)[0] == "ResourceNotFoundException"


def test_shards_are_listed_by_pages_and_filters(clock):
    kinesis = Kinesis(2)
    clock.now += 100
    kinesis.call("SplitShard", ShardToSplit=name(0), NewStartingHashKey="1000")

    def listed(**asked: object) -> list[str]:
        return [shard["ShardId"][-1] for shard in kinesis.call("ListShards", **asked)["Shards"]]

    page = kinesis.call("ListShards", MaxResults=3)
    assert [shard["ShardId"][-1] for shard in page["Shards"]] == ["0", "1", "2"]
    assert kinesis.refusal("ListShards", NextToken=page["NextToken"])[0] == "InvalidArgumentException"  # with a name
    assert listed(StreamName=None, NextToken=page["NextToken"]) == ["3"]
    assert listed(ExclusiveStartShardId=name(1)) == ["2", "3"]
    assert listed(ShardFilter={"Type": "AFTER_SHARD_ID", "ShardId": name(2)}) == ["3"]
    assert listed(ShardFilter={"Type": "AT_LATEST"}) == ["1", "2", "3"]
    assert listed(ShardFilter={"Type": "AT_TRIM_HORIZON"}) == ["0", "1"]
    assert listed(ShardFilter={"Type": "FROM_TRIM_HORIZON"}) == ["0", "1", "2", "3"]
    assert listed(ShardFilter={"Type": "AT_TIMESTAMP", "Timestamp": clock.now - 50}) == ["0", "1"]
    clock.now += 100
    assert listed(ShardFilter={"Type": "FROM_TIMESTAMP", "Timestamp": clock.now - 50}) == ["1", "2", "3"]
