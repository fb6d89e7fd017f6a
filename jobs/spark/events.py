"""Raw lines → events: which line is an event of its topic, and if it is none, why.

`events` adds columns to lines with a text column `raw`: the event's own, and `rejection`, the reason for which the line
is refused, null for an event. Times stay text here (the contract's SQL reads them).
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs import contract
from jobs.rejections import (
    NOT_AN_OBJECT,
    NOT_JSON,
    belongs_to,
    is_no,
    key_is_no_integer,
    lacks_key,
    numbers,
    own_columns,
    used_columns,
)
from pipeline.entities import ENTITIES, ColumnType, Entity

UNREADABLE = "has a value that its type cannot hold"

# Strict JSON: Spark's defaults also take 'single quotes' and a bare NaN.
STRICT = {
    "allowSingleQuotes": "false",
    "allowNonNumericNumbers": "false",
    "mode": "PERMISSIVE",
    "columnNameOfCorruptRecord": "corrupt",
}
SPARK_TYPES: dict[ColumnType, str] = {"text": "string", "datetime": "string", "double": "double"}
SURROGATE = r"\\u[dD][89a-fA-F]"
# An escape follows an even number of backslashes. A high half wants a low one after it, a low half a high one before.
ESCAPE = r"(?<!\\)((?:\\\\)*)"
HIGH, LOW = r"\\u[dD][89abAB][0-9a-fA-F]{2}", r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
LONE_SURROGATE = rf"{ESCAPE}(?:{HIGH}(?!{LOW})|(?<!(?<!\\)(?:\\\\){{0,99}}{HIGH}){LOW})"


def events(lines: DataFrame, entity: Entity) -> DataFrame:
    """Add the event's columns and `rejection` to lines (raw string, ...)."""
    # Spark ends at the end of the first value and ignores what follows it. Inside an envelope whose last field must
    # be found, nothing can follow unseen.
    envelope = F.concat(F.lit('{"event":'), whole_characters(F.col("raw")), F.lit(',"end":1}'))
    schema = f"event struct<{event_schema(entity)}>, end int, corrupt string"
    parsed = lines.withColumn("parsed", F.from_json(envelope, schema, STRICT))
    return (
        parsed.select(*lines.columns, "parsed.event.*", "parsed.end", "parsed.corrupt")
        .withColumn("rejection", rejection(entity, envelope))
        .drop("end", "corrupt")
    )


def whole_characters(raw: Column) -> Column:
    """JSON in which each escape of half a surrogate pair is one of U+FFFD: Spark would make a question mark of it."""
    return F.when(raw.rlike(SURROGATE), F.regexp_replace(raw, LONE_SURROGATE, "$1\ufffd")).otherwise(raw)


def event_columns(entity: Entity) -> dict[str, str]:
    """The event's columns and their types in Spark's DDL; the key is a bigint."""
    types = {name: SPARK_TYPES.get(kind, "int") for name, kind in used_columns(entity).items()}
    return types | {entity.key: "bigint"}


def event_schema(entity: Entity) -> str:
    return ", ".join(f"`{name}` {kind}" for name, kind in event_columns(entity).items())


def rejection(entity: Entity, envelope: Column) -> Column:
    """Why the line is refused, null when it is not. Looks twice only where the first look found something odd."""
    odd = (
        F.col("corrupt").isNotNull()
        | F.col("end").isNull()
        | F.col(entity.key).isNull()
        | F.coalesce(*(F.col(name).cast("string") for name in own_columns(entity))).isNull()
        | ~F.is_valid_utf8("raw")
    )
    return F.when(odd, structure_problem(entity, envelope)).otherwise(F.expr(contract.rejection(entity.name)))


def structure_problem(entity: Entity, envelope: Column) -> Column:
    """The reason for a line that is odd: the first that holds, in this order."""
    document = F.try_parse_json(envelope)
    fields = F.try_variant_get(document, "$.event", "map<string,string>")
    whole = F.try_variant_get(document, "$.end", "int").isNotNull() & F.is_valid_utf8("raw")
    is_object = F.ltrim("raw").startswith("{")

    def has(*names: str) -> Column:
        return F.arrays_overlap(F.map_keys(fields), F.array(*map(F.lit, names)))

    foreign = [
        F.when(~has(*own_columns(entity)) & has(*own_columns(other)), belongs_to(other))
        for other in ENTITIES
        if other is not entity
    ]
    wrong = [F.when(fields[name].isNotNull() & F.col(name).isNull(), is_no(entity, name)) for name in numbers(entity)]
    return F.coalesce(
        F.when(~F.coalesce(whole, F.lit(False)), NOT_JSON),
        F.when(~is_object, NOT_AN_OBJECT),
        *foreign,
        F.when(fields[entity.key].isNull(), lacks_key(entity)),
        F.when(F.col(entity.key).isNull(), key_is_no_integer(entity)),
        *wrong,
        F.when(F.col("corrupt").isNotNull(), UNREADABLE),
        F.expr(contract.rejection(entity.name)),
    )
