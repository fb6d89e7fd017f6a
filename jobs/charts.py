"""The charts of the report: one for each result that a picture tells better than its table, as SVG."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import vl_convert

from jobs.results import AGE_GROUPS, Result

WIDTH = 620
INK = "#1d3557"
BARS = "#c8102e"
MOST_ROWS = 15
LOOK = {
    "view": {"stroke": None},
    "axis": {"labelColor": INK, "titleColor": INK, "gridColor": "#e8e8e8", "domainColor": "#b0b0b0"},
    "font": "system-ui, sans-serif",
}
ROOM = {"left": 40, "right": 20, "top": 6, "bottom": 6}  # a reader's font may be wider than ours

Rows = list[dict[str, Any]]
Chart = dict[str, Any]  # in Vega-Lite's terms


def charts(results: list[Result]) -> dict[str, str]:
    """Name of the result → SVG. Results without rows, and single figures, have none."""
    return {
        result.name: svg(CHARTS[result.name](result.records()))
        for result in results
        if result.rows and result.name in CHARTS
    }


def svg(chart: Chart) -> str:
    return str(vl_convert.vegalite_to_svg(chart | {"config": LOOK, "padding": ROOM}))


def _bars(rows: Rows, category: str, measure: str, title: str) -> Chart:
    """Upright bars in the order of the rows."""
    return {
        "data": {"values": rows},
        "mark": {"type": "bar", "color": BARS},
        "encoding": {
            "x": {"field": category, "type": "ordinal", "sort": None, "title": None, "axis": {"labelAngle": 0}},
            "y": {"field": measure, "type": "quantitative", "title": title, "axis": {"format": "~s"}},
        },
        "width": WIDTH,
        "height": 220,
    }


def _level_bars(rows: Rows, category: str, measure: str, title: str) -> Chart:
    """Level bars in the order of the rows, with room for long names."""
    long = {"labelLimit": 320}
    return {
        "data": {"values": rows},
        "mark": {"type": "bar", "color": BARS},
        "encoding": {
            "y": {"field": category, "type": "nominal", "sort": None, "title": None, "axis": long},
            "x": {"field": measure, "type": "quantitative", "title": title, "axis": {"format": "~s", "tickCount": 6}},
        },
        "width": WIDTH - 180,
        "height": 20 * len(rows),
    }


def _ranking(rows: Rows, category: str, measure: str, title: str) -> Chart:
    """The longest bars, the longest first."""
    return _level_bars(sorted(rows, key=lambda row: -row[measure])[:MOST_ROWS], category, measure, title)


def _winners(rows: Rows, group: str) -> Chart:
    """The category that leads in each group, with its posts; several where they tie."""
    named = [row | {"who": f"{row[group]}: {row['category']}"} for row in rows]
    return _level_bars(named, "who", "category_count", "posts")


def _grid(rows: Rows, year: str) -> Chart:
    """Median followers by year and age group, as a heat map with its figures."""
    median = {"field": "median_follower_count", "type": "quantitative"}
    most = max(row["median_follower_count"] for row in rows)
    ink = {"condition": {"test": f"datum.median_follower_count > {most * 0.6}", "value": "white"}, "value": INK}
    return {
        "data": {"values": rows},
        "encoding": {
            "x": {"field": year, "type": "ordinal", "title": None, "axis": {"labelAngle": 0}},
            "y": {"field": "age_group", "type": "nominal", "sort": list(AGE_GROUPS), "title": None},
        },
        "layer": [
            {"mark": "rect", "encoding": {"color": median | {"scale": {"scheme": "reds"}, "legend": None}}},
            {"mark": "text", "encoding": {"text": median | {"format": ",.0f"}, "color": ink}},
        ],
        "width": WIDTH,
        "height": 150,
    }


def _leading_categories(rows: Rows) -> Chart:
    leads = Counter(row["category"] for row in rows)
    counts = [{"category": category, "countries": number} for category, number in leads.items()]
    return _ranking(counts, "category", "countries", "countries in which it leads")


def _top_users(rows: Rows) -> Chart:
    named = [row | {"who": f"{row['poster_name']} ({row['country']})"} for row in rows]
    return _ranking(named, "who", "follower_count", "followers")


CHARTS: dict[str, Callable[[Rows], Chart]] = {
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
