"""Raw lines → events: which line is an event of its topic, and if it is none, why.

`events` adds two columns to lines with a text column `raw`: `event`, a struct with the entity's columns, and
`rejection`, the reason for which the line is refused, null for an event. Times stay text here (cleaning reads them).

How the types are read (data contract, section 3):
- an integer is a JSON integer that fits (7; neither "7" nor 7.0), a double any JSON number;
- a text is any value; what is no JSON string is taken as its JSON text (12000 is "12000");
- an absent value and a null are the same: the key must be there, everything else may be missing.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.times import is_unreadable
from pipeline.entities import ENTITIES, ColumnType, Entity

NOT_JSON = "not JSON"
NOT_AN_OBJECT = "not a JSON object"
UNREADABLE = "has a value that its type cannot hold"

# Strict JSON: Spark's defaults also take 'single quotes' and a bare NaN.
STRICT = {
    "allowSingleQuotes": "false",
    "allowNonNumericNumbers": "false",
    "mode": "PERMISSIVE",
    "columnNameOfCorruptRecord": "corrupt",
}
SPARK_TYPES: dict[ColumnType, str] = {"text": "string", "datetime": "string", "double": "double"}
KINDS: dict[ColumnType, str] = {"int": "integer", "double": "number"}
SURROGATE = r"\\u[dD][89a-fA-F]"
# An escape follows an even number of backslashes. A high half wants a low one after it, a low half a high one before.
ESCAPE = r"(?<!\\)((?:\\\\)*)"
HIGH, LOW = r"\\u[dD][89abAB][0-9a-fA-F]{2}", r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
LONE_SURROGATE = rf"{ESCAPE}(?:{HIGH}(?!{LOW})|(?<!(?<!\\)(?:\\\\){{0,99}}{HIGH}){LOW})"
UNUSED = {"downloaded"}  # columns that no table keeps: nothing depends on what they hold


def events(lines: DataFrame, entity: Entity) -> DataFrame:
    """Add `event` and `rejection` to lines (raw string, ...)."""
    # Spark ends at the end of the first value and ignores what follows it. Inside an envelope whose last field must
    # be found, nothing can follow unseen.
    envelope = F.concat(F.lit('{"event":'), whole_characters(F.col("raw")), F.lit(',"end":1}'))
    schema = f"event struct<{event_schema(entity)}>, end int, corrupt string"
    parsed = F.from_json(envelope, schema, STRICT)
    return (
        lines.withColumn("parsed", parsed)
        .withColumn("rejection", rejection(entity, envelope))
        .withColumn("event", F.col("parsed.event"))
        .drop("parsed")
    )


def whole_characters(raw: Column) -> Column:
    """JSON in which each escape of half a surrogate pair is one of U+FFFD: Spark would make a question mark of it."""
    return F.when(raw.rlike(SURROGATE), F.regexp_replace(raw, LONE_SURROGATE, "$1\ufffd")).otherwise(raw)


def event_schema(entity: Entity) -> str:
    """The struct's fields in Spark's DDL; the key is a bigint."""
    types = {name: SPARK_TYPES.get(kind, "int") for name, kind in entity.columns.items() if name not in UNUSED}
    return ", ".join(f"`{name}` {kind}" for name, kind in (types | {entity.key: "bigint"}).items())


def rejection(entity: Entity, envelope: Column) -> Column:
    """Why the line is refused, null when it is not. Looks twice only where the first look found something odd."""
    odd = (
        F.col("parsed.corrupt").isNotNull()
        | F.col("parsed.end").isNull()
        | value(entity.key).isNull()
        | F.coalesce(*(value(name).cast("string") for name in own_columns(entity))).isNull()
        | ~F.is_valid_utf8("raw")
    )
    return F.when(odd, structure_problem(entity, envelope)).otherwise(value_problem(entity))


def structure_problem(entity: Entity, envelope: Column) -> Column:
    """The reason for a line that is odd: the first that holds, in this order."""
    document = F.try_parse_json(envelope)
    fields = F.try_variant_get(document, "$.event", "map<string,string>")
    whole = F.try_variant_get(document, "$.end", "int").isNotNull() & F.is_valid_utf8("raw")
    is_object = F.ltrim("raw").startswith("{")

    def has(*names: str) -> Column:
        return F.arrays_overlap(F.map_keys(fields), F.array(*map(F.lit, names)))

    foreign = [
        F.when(~has(*own_columns(entity)) & has(*own_columns(other)), f"belongs to another topic ({other.name})")
        for other in ENTITIES
        if other is not entity
    ]
    numbers = [
        F.when(fields[name].isNotNull() & value(name).isNull(), f"{name} is no {KINDS[kind]}")
        for name, kind in entity.columns.items()
        if kind in KINDS and name not in UNUSED and name != entity.key
    ]
    return F.coalesce(
        F.when(~F.coalesce(whole, F.lit(False)), NOT_JSON),
        F.when(~is_object, NOT_AN_OBJECT),
        *foreign,
        F.when(fields[entity.key].isNull(), f"lacks its key ({entity.key})"),
        F.when(value(entity.key).isNull(), f"has a key that is no integer ({entity.key})"),
        *numbers,
        F.when(F.col("parsed.corrupt").isNotNull(), UNREADABLE),
        value_problem(entity),
    )


def value_problem(entity: Entity) -> Column:
    """The first value that is of its type but out of its range."""
    limits = {"latitude": 90, "longitude": 180}
    problems = [F.lit(None).cast("string")]
    for name, kind in entity.columns.items():
        if name in limits:
            problems.append(F.when(F.abs(value(name)) > limits[name], f"{name} is outside ±{limits[name]}"))
        elif name == "age":
            problems.append(F.when(value(name) < 0, "age is negative"))
        elif kind == "datetime":
            problems.append(F.when(is_unreadable(value(name)), f"{name} is no date and time"))
    return F.coalesce(*problems)


def own_columns(entity: Entity) -> list[str]:
    """The columns that only this entity has: what an object of it is known by. `ind` is in two of the three."""
    elsewhere = {name for other in ENTITIES if other is not entity for name in other.columns}
    return [name for name in entity.columns if name not in elsewhere and name not in UNUSED]


def value(name: str) -> Column:
    return F.col(f"parsed.event.{name}")
