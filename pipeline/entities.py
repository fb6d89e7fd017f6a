"""The three source tables and their events: the one place that knows their columns.

An event is a row as one JSON object with the same keys as the columns (data contract, section 1).
"""

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["int", "double", "text", "datetime"]


@dataclass(frozen=True)
class Entity:
    """One source table: `name` is also the suffix of its topic, its stream and its clean table."""

    name: str
    source_table: str
    key: str
    columns: dict[str, ColumnType]


PIN = Entity(
    name="pin",
    source_table="pinterest_data",
    key="index",
    columns={
        "index": "int",
        "unique_id": "text",
        "title": "text",
        "description": "text",
        "poster_name": "text",
        "follower_count": "text",
        "tag_list": "text",
        "is_image_or_video": "text",
        "image_src": "text",
        "downloaded": "int",
        "save_location": "text",
        "category": "text",
    },
)
GEO = Entity(
    name="geo",
    source_table="geolocation_data",
    key="ind",
    columns={
        "ind": "int",
        "timestamp": "datetime",
        "latitude": "double",
        "longitude": "double",
        "country": "text",
    },
)
USER = Entity(
    name="user",
    source_table="user_data",
    key="ind",
    columns={
        "ind": "int",
        "first_name": "text",
        "last_name": "text",
        "age": "int",
        "date_joined": "datetime",
    },
)

ENTITIES: tuple[Entity, ...] = (PIN, GEO, USER)
