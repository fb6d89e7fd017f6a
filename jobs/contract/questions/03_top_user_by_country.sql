-- User with the most followers in each country
with named as (
    select country, poster_name, follower_count
    from posts
    where country is not null and poster_name is not null and follower_count is not null
),
most as (
    select country, max(follower_count) as follower_count from named group by country
)
select distinct named.country, named.poster_name, named.follower_count
from named
join most on most.country = named.country and most.follower_count = named.follower_count
