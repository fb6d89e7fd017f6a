"""Is what was loaded fit to be published? The gate of every scheduled run: too much rejected, a sum that does not come
out, a topic that has run dry."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel

from jobs.figures import Figures
from pipeline.settings import Settings


class Quality(BaseModel):
    """What a load was judged to be; `breaches`: a line for each threshold that it does not keep."""

    judged: datetime
    summary: str
    breaches: list[str]


def judge(
    settings: Settings, loaded: Mapping[str, Figures], newest: Mapping[str, datetime | None], now: datetime
) -> Quality:
    """Judge a load by MAX_REJECTED_SHARE, its sum, and MAX_AGE_HOURS.

    `loaded`: by topic, what the load added to the figures; `newest`: by topic, when its newest record landed, None when
    none ever did.
    """
    ages = {topic: (now - at).total_seconds() / 3600 if at else None for topic, at in newest.items()}
    breaches = []
    for topic, figures in loaded.items():
        if min(value for _, value in figures) < 0 or figures.records_in != figures.accounted:
            breaches.append(f"{topic}: the sum does not come out, {figures}: its table was changed by something else")
        if figures.missing > 0:
            breaches.append(
                f"{topic}: {figures.missing:,} records were gone from Kafka before they landed: the sink stood longer "
                "than the topic's retention"
            )
        if figures.rejected > settings.max_rejected_share * figures.records_in:
            share = figures.rejected / max(figures.records_in, 1)
            breaches.append(
                f"{topic}: {figures.rejected:,} of {figures.records_in:,} records rejected, {share:.1%}: "
                f"more than {settings.max_rejected_share:.1%} (MAX_REJECTED_SHARE)"
            )
    for topic, age in ages.items():
        if age is None:
            breaches.append(f"{topic}: no record has ever landed")
        elif age > settings.max_age_hours:
            allowed = f"{settings.max_age_hours:g} h (MAX_AGE_HOURS)"
            breaches.append(f"{topic}: the newest record landed {age:.1f} h ago: more than {allowed}")
    landed = ", ".join(f"{topic} {'never' if age is None else f'{age:.1f} h ago'}" for topic, age in ages.items())
    summary = f"{sum(loaded.values(), Figures())}; newest records landed: {landed}"
    return Quality(judged=now, summary=summary, breaches=breaches)
