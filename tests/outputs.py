"""Terraform's outputs of an estate on AWS, as tests need them that reach none of it."""

from typing import Any

ON_AWS: dict[str, Any] = {
    "user_id": "0a1b2c3d4e5f",
    "region": "us-east-1",
    "bucket": "bucket",
    "topics": {},
    "dead_letter_topic": "dead-letter",
    "topic_partitions": 3,
    "topic_config": {},
    "topics_dir": "topics",
    "invoke_url": "https://example.org",
    "api_key_secret": "key",
    "bootstrap_servers": "broker:9098",
    "connectors": {},
}
