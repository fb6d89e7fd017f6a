"""The eight questions as functions of the joined posts (data contract, section 4); nine results, and two variants.

A post takes part in an analysis when it has what the analysis groups by and counts: a post without a category is in
no category's count, one without a follower count in no median. Ties are all kept.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

AGE_GROUPS = ("under 18", "18-24", "25-35", "36-50", "50+")
POST_YEARS = (2018, 2022)
JOIN_YEARS = (2015, 2020)


@dataclass(frozen=True)
class Tables:
    """What the analyses read: `posts` is the three tables joined (see `join_tables`), `users` the clean user table."""

    posts: DataFrame
    users: DataFrame


@dataclass(frozen=True)
class Analysis:
    """One result: its name, the question it answers, and how it is computed."""

    name: str
    question: str
    compute: Callable[[Tables], DataFrame]


def join_tables(pin: DataFrame, geo: DataFrame, user: DataFrame) -> DataFrame:
    """One row a post that has its place and its user, with only what the analyses need."""
    return (
        pin.select("ind", "category", "poster_name", "follower_count")
        .join(geo.select("ind", "country", F.year("timestamp").alias("post_year")), "ind", how="inner")
        .join(user.select("ind", age_group(F.col("age")), F.year("date_joined").alias("join_year")), "ind", how="inner")
        .drop("ind")
    )


def age_group(age: Column) -> Column:
    """`under 18`, `18-24`, `25-35`, `36-50`, or `50+` from 51 on; null without an age."""
    youngest, *others = AGE_GROUPS
    group = F.when(age < 18, youngest)
    for oldest, name in zip((24, 35, 50, None), others, strict=True):
        group = group.when(age.isNotNull() if oldest is None else age <= oldest, name)
    return group.alias("age_group")


def between(year: str, years: tuple[int, int]) -> Column:
    return F.col(year).between(*years)


def best(rows: DataFrame, group: str, measure: str) -> DataFrame:
    """The rows with the highest `measure` of each group, ties included."""
    ranked = F.rank().over(Window.partitionBy(group).orderBy(F.desc(measure)))
    return rows.withColumn("rank", ranked).where("rank = 1").drop("rank")


def top_category(posts: DataFrame, group: str) -> DataFrame:
    """group, category, category_count: the most frequent category of each group."""
    known = posts.where(F.col(group).isNotNull() & F.col("category").isNotNull())
    counts = known.groupBy(group, "category").agg(F.count("*").alias("category_count"))
    return best(counts, group, "category_count")


def median_followers(posts: DataFrame, *groups: str) -> DataFrame:
    """groups, median_follower_count: the exact median over the posts that have a follower count."""
    known = posts.where(F.col("follower_count").isNotNull())
    for group in groups:
        known = known.where(F.col(group).isNotNull())
    return known.groupBy(*groups).agg(F.median("follower_count").alias("median_follower_count"))


def top_category_by_country(tables: Tables) -> DataFrame:
    return top_category(tables.posts, "country")


def top_category_by_year(tables: Tables) -> DataFrame:
    return top_category(tables.posts.where(between("post_year", POST_YEARS)), "post_year")


def top_user_by_country(tables: Tables) -> DataFrame:
    """country, poster_name, follower_count: who is named with the most followers; once, however often they post."""
    # Finding the maximum first keeps the shuffle to a row a country; a group a poster would be almost a row a post.
    users = known_users(tables)
    top = users.join(F.broadcast(most_followers(users)), ["country", "follower_count"], how="left_semi")
    return top.select("country", "poster_name", "follower_count").distinct()


def country_of_top_user(tables: Tables) -> DataFrame:
    """country, follower_count: where the user with the most followers of all posts from."""
    countries = most_followers(known_users(tables))
    most = countries.agg(F.max("follower_count").alias("follower_count"))
    return countries.join(F.broadcast(most), "follower_count", how="left_semi").select("country", "follower_count")


def known_users(tables: Tables) -> DataFrame:
    """country, poster_name, follower_count of the posts that have all three."""
    return tables.posts.select("country", "poster_name", "follower_count").dropna()


def most_followers(users: DataFrame) -> DataFrame:
    """country, follower_count: the highest of each country."""
    return users.groupBy("country").agg(F.max("follower_count").alias("follower_count"))


def top_category_by_age_group(tables: Tables) -> DataFrame:
    return top_category(tables.posts, "age_group")


def median_followers_by_age_group(tables: Tables) -> DataFrame:
    return median_followers(tables.posts, "age_group")


def users_joined_by_year(tables: Tables) -> DataFrame:
    """join_year, number_users_joined: distinct (user_name, age, date_joined), since names repeat."""
    users = tables.users.select("user_name", "age", "date_joined", F.year("date_joined").alias("join_year"))
    joined = users.where(between("join_year", JOIN_YEARS)).distinct()
    return joined.groupBy("join_year").agg(F.count("*").alias("number_users_joined"))


def median_followers_by_join_year(tables: Tables) -> DataFrame:
    return median_followers(tables.posts.where(between("join_year", JOIN_YEARS)), "join_year")


def median_followers_by_join_year_and_age_group(tables: Tables) -> DataFrame:
    return median_followers(tables.posts.where(between("join_year", JOIN_YEARS)), "join_year", "age_group")


def median_followers_by_post_year(tables: Tables) -> DataFrame:
    return median_followers(tables.posts.where(between("post_year", JOIN_YEARS)), "post_year")


def median_followers_by_post_year_and_age_group(tables: Tables) -> DataFrame:
    return median_followers(tables.posts.where(between("post_year", JOIN_YEARS)), "post_year", "age_group")


ANALYSES = tuple(
    Analysis(compute.__name__, question, compute)
    for question, compute in (
        ("Most popular category in each country", top_category_by_country),
        ("Most popular category in each year, 2018 to 2022", top_category_by_year),
        ("User with the most followers in each country", top_user_by_country),
        ("Country of the user with the most followers of all", country_of_top_user),
        ("Most popular category in each age group", top_category_by_age_group),
        ("Median follower count of each age group", median_followers_by_age_group),
        ("Users who joined in each year, 2015 to 2020", users_joined_by_year),
        ("Median follower count by year of joining", median_followers_by_join_year),
        ("Median follower count by year of joining and age group", median_followers_by_join_year_and_age_group),
        ("Median follower count by year of posting", median_followers_by_post_year),
        ("Median follower count by year of posting and age group", median_followers_by_post_year_and_age_group),
    )
)
