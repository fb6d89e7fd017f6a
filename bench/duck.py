"""The batch in DuckDB, from the same JSON on local disk: what one process without a cluster's machinery can do."""

import duckdb

PIN = """
create table pin as
select "index" as ind, category, nullif(poster_name, 'User Info Error') as poster_name,
       try_cast(regexp_extract(follower_count, '^([0-9]+)[kM]?$', 1) as bigint)
       * case right(follower_count, 1) when 'k' then 1000 when 'M' then 1000000 else 1 end as follower_count
from read_json($pin, format = 'newline_delimited')
qualify row_number() over (partition by ind) = 1
"""
GEO = """
create table geo as
select ind, country, year("timestamp"::timestamp) as post_year from read_json($geo, format = 'newline_delimited')
qualify row_number() over (partition by ind) = 1
"""
USER = """
create table people as
select ind, first_name || ' ' || last_name as user_name, age, date_joined, year(date_joined::timestamp) as join_year,
       case when age < 18 then 'under 18' when age <= 24 then '18-24' when age <= 35 then '25-35'
            when age <= 50 then '36-50' else '50+' end as age_group
from read_json($user, format = 'newline_delimited')
qualify row_number() over (partition by ind) = 1
"""
POSTS = "create table posts as select * from pin join geo using (ind) join people using (ind)"
TOP = """
select {group}, category, count(*) as category_count from posts group by {group}, category
qualify rank() over (partition by {group} order by category_count desc) = 1
"""
QUESTIONS = [
    TOP.format(group="country"),
    TOP.format(group="post_year"),
    """select distinct country, poster_name, follower_count from posts where follower_count is not null
       qualify rank() over (partition by country order by follower_count desc) = 1""",
    "select country, max(follower_count) from posts group by all order by 2 desc limit 1",
    TOP.format(group="age_group"),
    "select age_group, median(follower_count) from posts group by all",
    "select join_year, count(distinct (user_name, age, date_joined)) from people group by all",
    "select join_year, median(follower_count) from posts group by all",
    "select join_year, age_group, median(follower_count) from posts group by all",
]


def run(globs: dict[str, str]) -> int:
    """Answer the questions; the number of rows of all answers. `globs`: entity → its JSON files."""
    connection = duckdb.connect()
    for name, statement in (("pin", PIN), ("geo", GEO), ("user", USER)):
        connection.execute(statement, {name: globs[name]})
    connection.execute(POSTS)
    return sum(len(connection.execute(question).fetchall()) for question in QUESTIONS)
