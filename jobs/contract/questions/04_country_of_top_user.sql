-- Country of the user with the most followers of all
select country, follower_count
from (
    select
        country,
        max(follower_count) as follower_count,
        rank() over (order by max(follower_count) desc) as place
    from posts
    where country is not null and poster_name is not null and follower_count is not null
    group by country
) as most
where place = 1
