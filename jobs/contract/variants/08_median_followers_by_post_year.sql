-- Median follower count by year of posting
select post_year, median(follower_count) as median_follower_count
from posts
where post_year between 2015 and 2020 and follower_count is not null
group by post_year
