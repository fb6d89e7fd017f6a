"""Every error of Kafka is transient (50003: the sender tries again) or permanent (50002: it does not)."""

import pytest
from confluent_kafka import KafkaError

from rest_proxy.broker import TRANSIENT, refused_record

CODES = {
    name: code
    for name, code in vars(KafkaError).items()
    if isinstance(code, int) and name.isupper() and name not in ("NO_ERROR", "_NO_ERROR")
}


@pytest.mark.parametrize("name", sorted(CODES))
def test_each_error_is_on_the_side_that_the_table_says(name):
    answer = refused_record(KafkaError(CODES[name]))
    assert answer["error_code"] == (50003 if name in TRANSIENT else 50002)
    assert answer["error"]


def test_the_table_names_errors_that_there_are():
    assert CODES.keys() >= TRANSIENT


@pytest.mark.parametrize(
    "name",
    [
        "MSG_SIZE_TOO_LARGE",
        "INVALID_RECORD",
        "TOPIC_AUTHORIZATION_FAILED",
        "CLUSTER_AUTHORIZATION_FAILED",
        "RECORD_LIST_TOO_LARGE",
        "INVALID_TIMESTAMP",
        "POLICY_VIOLATION",
        "_AUTHENTICATION",
        "_FATAL",
    ],
)
def test_what_no_other_attempt_changes_is_permanent(name):
    assert name not in TRANSIENT


@pytest.mark.parametrize(
    "name",
    ["_MSG_TIMED_OUT", "_TRANSPORT", "NOT_ENOUGH_REPLICAS", "NOT_LEADER_FOR_PARTITION", "THROTTLING_QUOTA_EXCEEDED"],
)
def test_what_passes_by_itself_is_transient(name):
    assert name in TRANSIENT


def test_a_report_without_an_error_or_a_message_may_pass():
    assert refused_record(None)["error_code"] == 50003
