"""The data contract in plain Python, written apart from the jobs: what tests compare the tables and results with.

`clean(entity name, raw line)` gives (row, None) or (None, reason); `analyses(...)` the nine results over clean rows.
"""

import json
import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from statistics import median

UNITS = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}
FOREIGN = {
    "pin": {
        "index", "unique_id", "title", "description", "poster_name", "follower_count", "tag_list",
        "is_image_or_video", "image_src", "save_location", "category",
    },
    "geo": {"timestamp", "latitude", "longitude", "country"},
    "user": {"first_name", "last_name", "age", "date_joined"},
}  # fmt: skip
NONE = {
    "title": {"", "No Title Data Available"},
    "description": {
        "",
        "No description available",
        "No description available Story format",
        "Untitled",
        "Art.",
    },
    "poster_name": {"", "User Info Error"},
    "tag_list": {"", "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e"},
    "image_src": {"", "Image src error."},
}


def clean(table: str, line: str) -> tuple[dict | None, str | None]:
    try:
        event = json.loads(line, parse_constant=_no_json)
    except ValueError:
        return None, "not JSON"
    if not isinstance(event, dict):
        return None, "not a JSON object"
    for other, names in FOREIGN.items():
        if other != table and names & event.keys() and not FOREIGN[table] & event.keys():
            return None, f"belongs to another topic ({other})"
    key_name = "index" if table == "pin" else "ind"
    key = event.get(key_name)
    if key is None:
        return None, f"lacks its key ({key_name})"
    if type(key) is not int or not -(2**63) <= key < 2**63:
        return None, f"has a key that is no integer ({key_name})"
    texts = {name: _text(value) for name, value in event.items()}
    return {"pin": _pin, "geo": _geo, "user": _user}[table](event, texts, key)


def _no_json(name):
    raise ValueError(name)


def _text(value):
    """A value as text: what is no JSON string is its JSON text, without blanks. Half a surrogate pair is U+FFFD."""
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _pin(event, texts, key):
    def text(name):
        return None if texts.get(name) in NONE.get(name, ()) else texts.get(name)

    location = texts.get("save_location")
    return {
        "ind": key,
        "unique_id": texts.get("unique_id"),
        "title": text("title"),
        "description": text("description"),
        "follower_count": _followers(texts.get("follower_count")),
        "poster_name": text("poster_name"),
        "tag_list": text("tag_list"),
        "is_image_or_video": texts.get("is_image_or_video"),
        "image_src": text("image_src"),
        "save_location": location and location.removeprefix("Local save in "),
        "category": texts.get("category"),
    }, None


def _followers(text):
    found = re.fullmatch(r"([0-9]+)(?:\.([0-9]+))?([kKmMbB]?)", text or "")
    if not found:
        return None
    whole, fraction, unit = found[1], found[2] or "", UNITS[found[3].lower()]
    count = int(whole + fraction) * unit // 10 ** len(fraction)
    return count if count < 2**63 else None


def _geo(event, texts, key):
    for name in ("latitude", "longitude"):
        if event.get(name) is not None and type(event[name]) not in (int, float):
            return None, f"{name} is no number"
    latitude, longitude = event.get("latitude"), event.get("longitude")
    if latitude is not None and abs(latitude) > 90:
        return None, "latitude is outside ±90"
    if longitude is not None and abs(longitude) > 180:
        return None, "longitude is outside ±180"
    moment, problem = _moment(texts, "timestamp")
    place = None if latitude is None and longitude is None else [latitude, longitude]
    row = {"ind": key, "country": texts.get("country"), "coordinates": place, "timestamp": moment}
    return (None, problem) if problem else (row, None)


def _user(event, texts, key):
    age = event.get("age")
    if age is not None and (type(age) is not int or not -(2**31) <= age < 2**31):
        return None, "age is no integer"
    if age is not None and age < 0:
        return None, "age is negative"
    moment, problem = _moment(texts, "date_joined")
    first, last = texts.get("first_name"), texts.get("last_name")
    name = None if first is None or last is None else f"{first} {last}"
    row = {"ind": key, "user_name": name, "age": age, "date_joined": moment}
    return (None, problem) if problem else (row, None)


TIME = re.compile(
    r"([0-9]{4})[-:]([0-9]{2})[-:]([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,9})?(?:Z|([+-])([0-9]{2}):([0-9]{2}))?)?"
)


def _moment(texts, name):
    text = texts.get(name)
    if text is None:
        return None, None
    try:
        *numbers, sign, hours, minutes = TIME.fullmatch(text).groups()
        moment = datetime(*(int(number or 0) for number in numbers))
        if sign:
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            assert int(minutes) < 60
            assert offset <= timedelta(hours=18)
            moment += -offset if sign == "+" else offset
    except (ValueError, AttributeError, AssertionError, OverflowError):
        return None, f"{name} is no date and time"
    return moment.isoformat(), None


def table_of(table: str, lines: list[str]) -> dict[int, dict]:
    """The table after these lines, in the order of their topic."""
    rows = (clean(table, line)[0] for line in lines)
    return {row["ind"]: row for row in rows if row}


def analyses(pin: dict, geo: dict, user: dict) -> dict[str, set[tuple]]:
    """The nine results over the tables (key → row), each as a set of rows in the contract's column order."""
    posts = [
        pin[key] | geo[key] | user[key] | {
            "post_year": int(geo[key]["timestamp"][:4]),
            "join_year": int(user[key]["date_joined"][:4]),
            "age_group": _age_group(user[key]["age"]),
        }
        for key in pin.keys() & geo.keys() & user.keys()
    ]  # fmt: skip
    named = [post for post in posts if post["poster_name"] and post["follower_count"] is not None]
    most = {}
    for post in named:
        most[post["country"]] = max(most.get(post["country"], -1), post["follower_count"])
    joined_2015_2020 = [post for post in posts if 2015 <= post["join_year"] <= 2020]
    users = {(row["user_name"], row["age"], row["date_joined"]) for row in user.values()}
    joined = Counter(int(moment[:4]) for _, _, moment in users if 2015 <= int(moment[:4]) <= 2020)
    return {
        "top_category_by_country": _top_category(posts, "country"),
        "top_category_by_year": _top_category([p for p in posts if 2018 <= p["post_year"] <= 2022], "post_year"),
        "top_user_by_country": {
            (p["country"], p["poster_name"], p["follower_count"])
            for p in named
            if p["follower_count"] == most[p["country"]]
        },
        "country_of_top_user": {(c, n) for c, n in most.items() if n == max(most.values())},
        "top_category_by_age_group": _top_category(posts, "age_group"),
        "median_followers_by_age_group": _medians(posts, "age_group"),
        "users_joined_by_year": set(joined.items()),
        "median_followers_by_join_year": _medians(joined_2015_2020, "join_year"),
        "median_followers_by_join_year_and_age_group": _medians(joined_2015_2020, "join_year", "age_group"),
    }


def _age_group(age):
    for oldest, group in ((17, "under 18"), (24, "18-24"), (35, "25-35"), (50, "36-50")):
        if age <= oldest:
            return group
    return "50+"


def _top_category(posts, group):
    counts = Counter((post[group], post["category"]) for post in posts)
    most = {}
    for (value, _), number in counts.items():
        most[value] = max(most.get(value, 0), number)
    return {(value, category, n) for (value, category), n in counts.items() if n == most[value]}


def _medians(posts, *groups):
    values = defaultdict(list)
    for post in posts:
        if post["follower_count"] is not None:
            values[tuple(post[group] for group in groups)].append(post["follower_count"])
    return {(*group, float(median(found))) for group, found in values.items()}
