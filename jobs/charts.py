"""The charts of the report: one for each result that a picture tells better than its table, as SVG."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import altair as alt
import vl_convert

from jobs.analyses import AGE_GROUPS
from jobs.results import Result

WIDTH = 620
INK = "#1d3557"
BARS = "#c8102e"
MOST_ROWS = 15

Rows = list[dict[str, Any]]


def charts(results: list[Result]) -> dict[str, str]:
    """Name of the result → SVG. Results without rows, and single figures, have none."""
    return {
        result.name: svg(CHARTS[result.name](result.records()))
        for result in results
        if result.rows and result.name in CHARTS
    }


def svg(chart: alt.Chart) -> str:
    look = {
        "view": {"stroke": None},
        "axis": {"labelColor": INK, "titleColor": INK, "gridColor": "#e8e8e8", "domainColor": "#b0b0b0"},
        "font": "system-ui, sans-serif",
    }
    room = {"left": 40, "right": 20, "top": 6, "bottom": 6}  # a reader's font may be wider than ours
    return str(vl_convert.vegalite_to_svg(chart.to_dict() | {"config": look, "padding": room}))


def _bars(rows: Rows, category: str, measure: str, title: str) -> alt.Chart:
    """Upright bars in the order of the rows."""
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(color=BARS)
        .encode(
            x=alt.X(f"{category}:O", sort=None, title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y(f"{measure}:Q", title=title, axis=alt.Axis(format="~s")),
        )
        .properties(width=WIDTH, height=220)
    )


def _level_bars(rows: Rows, category: str, measure: str, title: str) -> alt.Chart:
    """Level bars in the order of the rows, with room for long names."""
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(color=BARS)
        .encode(
            y=alt.Y(f"{category}:N", sort=None, title=None, axis=alt.Axis(labelLimit=320)),
            x=alt.X(f"{measure}:Q", title=title, axis=alt.Axis(format="~s", tickCount=6)),
        )
        .properties(width=WIDTH - 180, height=20 * len(rows))
    )


def _ranking(rows: Rows, category: str, measure: str, title: str) -> alt.Chart:
    """The longest bars, the longest first."""
    return _level_bars(sorted(rows, key=lambda row: -row[measure])[:MOST_ROWS], category, measure, title)


def _winners(rows: Rows, group: str) -> alt.Chart:
    """The category that leads in each group, with its posts; several where they tie."""
    named = [row | {"who": f"{row[group]}: {row['category']}"} for row in rows]
    return _level_bars(named, "who", "category_count", "posts")


def _grid(rows: Rows, year: str) -> alt.Chart:
    """Median followers by year and age group, as a heat map with its figures."""
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X(f"{year}:O", title=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("age_group:N", sort=list(AGE_GROUPS), title=None),
    )
    most = max(row["median_follower_count"] for row in rows)
    color = alt.Color("median_follower_count:Q", scale=alt.Scale(scheme="reds"), legend=None)
    figure = alt.Text("median_follower_count:Q", format=",.0f")
    ink = alt.condition(f"datum.median_follower_count > {most * 0.6}", alt.value("white"), alt.value(INK))
    return (base.mark_rect().encode(color=color) + base.mark_text().encode(text=figure, color=ink)).properties(
        width=WIDTH, height=150
    )


def _leading_categories(rows: Rows) -> alt.Chart:
    leads = Counter(row["category"] for row in rows)
    counts = [{"category": category, "countries": number} for category, number in leads.items()]
    return _ranking(counts, "category", "countries", "countries in which it leads")


def _top_users(rows: Rows) -> alt.Chart:
    named = [row | {"who": f"{row['poster_name']} ({row['country']})"} for row in rows]
    return _ranking(named, "who", "follower_count", "followers")


CHARTS: dict[str, Callable[[Rows], alt.Chart]] = {
    "top_category_by_country": _leading_categories,
    "top_category_by_year": lambda rows: _winners(rows, "post_year"),
    "top_user_by_country": _top_users,
    "top_category_by_age_group": lambda rows: _winners(rows, "age_group"),
    "median_followers_by_age_group": lambda rows: _bars(rows, "age_group", "median_follower_count", "followers"),
    "users_joined_by_year": lambda rows: _bars(rows, "join_year", "number_users_joined", "users"),
    "median_followers_by_join_year": lambda rows: _bars(rows, "join_year", "median_follower_count", "followers"),
    "median_followers_by_join_year_and_age_group": lambda rows: _grid(rows, "join_year"),
    "median_followers_by_post_year": lambda rows: _bars(rows, "post_year", "median_follower_count", "followers"),
    "median_followers_by_post_year_and_age_group": lambda rows: _grid(rows, "post_year"),
}
