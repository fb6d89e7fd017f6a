"""What a line must be to be an event of its topic, and why it is none, on every engine (data contract, section 3).

How the types are read:
- an integer is a JSON integer that fits (7; neither "7" nor 7.0), a double any JSON number;
- a text is any value; what is no JSON string is taken as its JSON text (12000 is "12000"), without blanks, fractions
  and exponents as Java writes a double;
- an absent value and a null are the same: the key must be there, everything else may be missing;
- of a name that is repeated the last value counts.

Beyond what rows hold the engines' readers differ: to one of them a number of more than 1,000 digits, a name of more
than 50,000 characters or a value nested more than some hundred deep may be no JSON.

The first reason that holds is the line's, in the order of this page. Those of a value that is of its type but out of
its range are SQL: `jobs.contract.rejection`.
"""

from pipeline.entities import ENTITIES, ColumnType, Entity

NOT_JSON = "not JSON"
NOT_AN_OBJECT = "not a JSON object"
NO_LETTER = "in the dead-letter topic, but not put there by the sink"
UNUSED = {"downloaded"}  # columns that no table keeps: nothing depends on what they hold
KINDS: dict[ColumnType, str] = {"int": "integer", "double": "number"}


def belongs_to(other: Entity) -> str:
    return f"belongs to another topic ({other.name})"


def lacks_key(entity: Entity) -> str:
    return f"lacks its key ({entity.key})"


def key_is_no_integer(entity: Entity) -> str:
    return f"has a key that is no integer ({entity.key})"


def is_no(entity: Entity, name: str) -> str:
    return f"{name} is no {KINDS[entity.columns[name]]}"


def own_columns(entity: Entity) -> list[str]:
    """The columns that only this entity has: what an object of it is known by. `ind` is in two of the three."""
    elsewhere = {name for other in ENTITIES if other is not entity for name in other.columns}
    return [name for name in entity.columns if name not in elsewhere and name not in UNUSED]


def used_columns(entity: Entity) -> dict[str, ColumnType]:
    """The columns of its typed events."""
    return {name: kind for name, kind in entity.columns.items() if name not in UNUSED}


def numbers(entity: Entity) -> list[str]:
    """The columns beside the key that hold numbers."""
    return [name for name, kind in used_columns(entity).items() if kind in KINDS and name != entity.key]
