"""Dates and times as events carry them: ISO 8601 with `T` or a blank, or `%Y:%m:%d` before the time.

A fraction of a second and an offset (`Z`, `+02:00`) may follow; without one the time is in UTC. A date without a time
of day is midnight UTC.
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

# Ends in \z: before $ a newline may stand.
SHAPE = r"^(\d{4})[-:](\d{2})[-:](\d{2})([T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})?)?\z"


def to_time(text: Column) -> Column:
    """Text → timestamp; null where it is not of that shape or there is no such day or hour."""
    iso = F.regexp_replace(text, SHAPE, "$1-$2-$3$4")
    return F.when(text.rlike(SHAPE), iso.try_cast("timestamp"))


def is_unreadable(text: Column) -> Column:
    """Whether there is a text that is no time."""
    return text.isNotNull() & to_time(text).isNull()
