"""The analyses against results worked out by hand, ties and halves included."""

from datetime import UTC, datetime

# ind, category, poster, followers | country, posted | name, age, joined
ROWS = [
    (1, "art", "Ann", 59_000, "Aruba", 2018, "A A", 17, 2015),
    (2, "art", "Bob", 60_000, "Aruba", 2018, "B B", 18, 2015),
    (3, "travel", "Cid", 60_000, "Aruba", 2018, "C C", 24, 2016),
    (4, "travel", "Bob", 60_000, "Aruba", 2017, "B B", 18, 2015),
    (5, "quotes", "Dan", 7, "Albania", 2022, "D D", 25, 2016),
    (6, "quotes", "Eve", None, "Albania", 2022, "E E", 35, 2016),
    (7, "beauty", None, 99, "Chad", 2023, "F F", 36, 2014),
    (8, "beauty", "Gus", 60_000, "Chad", 2020, "G G", 50, 2020),
    (9, "beauty", "Hal", 100, "Chad", 2020, "H H", 51, 2020),
    (10, "art", "Ian", 300, "Chad", 2019, "H H", 51, 2020),
]

EXPECTED = {
    "top_category_by_country": {
        ("Aruba", "art", 2),
        ("Aruba", "travel", 2),
        ("Albania", "quotes", 2),
        ("Chad", "beauty", 3),
    },
    "top_category_by_year": {
        (2018, "art", 2),
        (2019, "art", 1),
        (2020, "beauty", 2),
        (2022, "quotes", 2),
    },
    "top_user_by_country": {
        ("Aruba", "Bob", 60_000),
        ("Aruba", "Cid", 60_000),
        ("Albania", "Dan", 7),
        ("Chad", "Gus", 60_000),
    },
    "country_of_top_user": {("Aruba", 60_000), ("Chad", 60_000)},
    "top_category_by_age_group": {
        ("under 18", "art", 1),
        ("18-24", "travel", 2),
        ("25-35", "quotes", 2),
        ("36-50", "beauty", 2),
        ("50+", "art", 1),
        ("50+", "beauty", 1),
    },
    "median_followers_by_age_group": {
        ("under 18", 59_000.0),
        ("18-24", 60_000.0),
        ("25-35", 7.0),
        ("36-50", 30_049.5),
        ("50+", 200.0),
    },
    "users_joined_by_year": {(2015, 2), (2016, 4), (2020, 2)},
    "median_followers_by_join_year": {(2015, 60_000.0), (2016, 30_003.5), (2020, 300.0)},
    "median_followers_by_join_year_and_age_group": {
        (2015, "under 18", 59_000.0),
        (2015, "18-24", 60_000.0),
        (2016, "18-24", 60_000.0),
        (2016, "25-35", 7.0),
        (2020, "36-50", 60_000.0),
        (2020, "50+", 200.0),
    },
    "median_followers_by_post_year": {
        (2017, 60_000.0),
        (2018, 60_000.0),
        (2019, 300.0),
        (2020, 30_050.0),
    },
    "median_followers_by_post_year_and_age_group": {
        (2017, "18-24", 60_000.0),
        (2018, "under 18", 59_000.0),
        (2018, "18-24", 60_000.0),
        (2019, "50+", 300.0),
        (2020, "36-50", 60_000.0),
        (2020, "50+", 100.0),
    },
}
COLUMNS = {
    "top_category_by_country": ["country", "category", "category_count"],
    "top_category_by_year": ["post_year", "category", "category_count"],
    "top_user_by_country": ["country", "poster_name", "follower_count"],
    "country_of_top_user": ["country", "follower_count"],
    "top_category_by_age_group": ["age_group", "category", "category_count"],
    "median_followers_by_age_group": ["age_group", "median_follower_count"],
    "users_joined_by_year": ["join_year", "number_users_joined"],
    "median_followers_by_join_year": ["join_year", "median_follower_count"],
    "median_followers_by_join_year_and_age_group": ["join_year", "age_group", "median_follower_count"],
    "median_followers_by_post_year": ["post_year", "median_follower_count"],
    "median_followers_by_post_year_and_age_group": ["post_year", "age_group", "median_follower_count"],
}


def test_each_question_gives_the_rows_worked_out_by_hand(engine):
    pin = [(r[0], None, None, None, r[3], r[2], None, None, None, None, r[1]) for r in ROWS]
    geo = [(r[0], r[4], [1.0, 2.0], datetime(r[5], 12, 31, 23, 59, 59, tzinfo=UTC)) for r in ROWS]
    user = [(r[0], r[6], r[7], datetime(r[8], 1, 1, tzinfo=UTC)) for r in ROWS]
    # A user without a post counts among those who joined, and nowhere else; a post without a place nowhere.
    user.append((11, "Z Z", 30, datetime(2016, 6, 1, tzinfo=UTC)))
    pin.append((12, None, None, None, 10**9, "Nowhere", None, None, None, None, "art"))

    answers = engine.answer({"pin": pin, "geo": geo, "user": user})

    assert {name: columns for name, (columns, _) in answers.items()} == COLUMNS
    for name, (_, rows) in answers.items():
        assert (name, sorted(rows)) == (name, sorted(EXPECTED[name]))
