-- Median follower count by year of joining
select join_year, median(follower_count) as median_follower_count
from posts
where join_year between 2015 and 2020 and follower_count is not null
group by join_year
