"""Raw lines → events: which line is an event of its topic, and if it is none, why.

`events` adds columns to lines with a text column `raw`: the event's own, and `rejection`, the reason for which the line
is refused, null for an event. Times stay text here (the contract's SQL reads them).
"""

from functools import cache, reduce
from operator import and_, or_

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

# Strict JSON: Spark's defaults also take 'single quotes' and a bare NaN.
STRICT = {
    "allowSingleQuotes": "false",
    "allowNonNumericNumbers": "false",
    "mode": "PERMISSIVE",
    "columnNameOfCorruptRecord": "corrupt",
}
SPARK_TYPES: dict[ColumnType, str] = {"text": "string", "datetime": "string", "double": "double"}
# An escape follows an even number of backslashes. A high half wants a low one after it, a low half a high one before.
ESCAPE = r"(?<!\\)((?:\\\\)*)"
HIGH, LOW = r"\\u[dD][89abAB][0-9a-fA-F]{2}", r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
LONE_SURROGATE = rf"{ESCAPE}(?:{HIGH}(?!{LOW})|(?<!(?<!\\)(?:\\\\){{0,99}}{HIGH}){LOW})"


def events(lines: DataFrame, entity: Entity) -> DataFrame:
    """Add the event's columns and `rejection` to lines (raw string, ...)."""
    parsed, refused = _columns(entity.name)
    read = lines.withColumn("parsed", parsed)
    return (
        read.select(*lines.columns, "parsed.event.*", "parsed.end", "parsed.corrupt")
        .withColumn("rejection", refused)
        .drop("end", "corrupt")
    )


@cache
def _columns(name: str) -> tuple[Column, Column]:
    """What a line of an entity parses to, and `rejection`. Building them takes as long as parsing hundreds."""
    [entity] = [entity for entity in ENTITIES if entity.name == name]
    text = whole_characters(F.col("raw"))
    schema = f"event struct<{event_schema(entity)}>, end int, corrupt string"
    return F.from_json(enveloped(text), schema, STRICT), rejection(entity, text)


def enveloped(text: Column, before: str = "", after: str = "") -> Column:
    """Spark ends at the end of the first value and ignores what follows it. Inside an envelope whose last member must
    be found, nothing can follow but further members."""
    return F.concat(F.lit(f'{{"event":{before}'), text, F.lit(f'{after},"end":1}}'))


def whole_characters(raw: Column) -> Column:
    """JSON in which each escape of half a surrogate pair is one of U+FFFD: Spark would make a question mark of it."""
    escaped = holds_any(raw, "\\ud", "\\uD")
    return F.when(escaped, F.regexp_replace(raw, LONE_SURROGATE, "$1\ufffd")).otherwise(raw)


def may_be_members(raw: Column) -> Column:
    """Whether an object is followed by a comma: within a line, or within the envelope, whose members then follow."""
    return F.contains(raw, F.lit("},")) | (holds_any(raw, "} ", "}\t", "}\r", "}\n") & raw.rlike(r"\}\s+,"))


def holds_any(raw: Column, *texts: str) -> Column:
    """Finding a text costs a fraction of what a regular expression does."""
    return reduce(or_, (F.contains(raw, F.lit(text)) for text in texts))


def event_columns(entity: Entity) -> dict[str, str]:
    """The event's columns and their types in Spark's DDL; the key is a bigint."""
    types = {name: SPARK_TYPES.get(kind, "int") for name, kind in used_columns(entity).items()}
    return types | {entity.key: "bigint"}


def event_schema(entity: Entity) -> str:
    return ", ".join(f"`{name}` {kind}" for name, kind in event_columns(entity).items())


def rejection(entity: Entity, text: Column) -> Column:
    """Why the line is refused, null when it is not. Looks twice only where the first look found something odd."""
    odd = (
        F.col("corrupt").isNotNull()
        | F.col("end").isNull()
        | F.col(entity.key).isNull()
        | F.coalesce(*(F.col(name).cast("string") for name in own_columns(entity))).isNull()
        | may_be_members(F.col("raw"))
        | ~F.is_valid_utf8("raw")
    )
    return F.when(odd, structure_problem(entity, text)).otherwise(F.expr(contract.rejection(entity.name)))


def structure_problem(entity: Entity, text: Column) -> Column:
    """The reason for a line that is odd: the first that holds, in this order. Of a name that is repeated the last
    value counts, as in the event's columns (`spark.sql.variant.allowDuplicateKeys`)."""
    document = F.try_parse_json(enveloped(text))
    # As a member and as an element: what may follow a value in the one may not in the other.
    element = F.try_parse_json(enveloped(text, "[", "]"))
    ends = [F.try_variant_get(parsed, "$.end", "int").isNotNull() for parsed in (document, element)]
    whole = reduce(and_, ends, F.is_valid_utf8("raw"))
    is_object = F.ltrim("raw").startswith("{")
    fields = F.try_variant_get(document, "$.event", "map<string,string>")

    def has(*names: str) -> Column:
        return F.arrays_overlap(F.map_keys(fields), F.array(*map(F.lit, names)))

    def is_of(name: str) -> Column:
        """Whether the value is of its column's type; an integer that a bigint holds has its name."""
        value = F.try_variant_get(document, f"$.event.{name}", "variant")
        kind = F.schema_of_variant(value)
        if event_columns(entity)[name] == "double":
            return kind.rlike("^(BIGINT|DECIMAL|DOUBLE)")
        return (kind == "BIGINT") & F.try_variant_get(
            document, f"$.event.{name}", event_columns(entity)[name]
        ).isNotNull()

    foreign = [
        F.when(~has(*own_columns(entity)) & has(*own_columns(other)), belongs_to(other))
        for other in ENTITIES
        if other is not entity
    ]
    wrong = [F.when(fields[name].isNotNull() & ~is_of(name), is_no(entity, name)) for name in numbers(entity)]
    return F.coalesce(
        F.when(~F.coalesce(whole, F.lit(False)), NOT_JSON),
        F.when(~is_object, NOT_AN_OBJECT),
        *foreign,
        F.when(fields[entity.key].isNull(), lacks_key(entity)),
        F.when(~is_of(entity.key), key_is_no_integer(entity)),
        *wrong,
        F.expr(contract.rejection(entity.name)),
    )
