-- Median follower count by year of posting and age group
select post_year, age_group, median(follower_count) as median_follower_count
from posts
where post_year between 2015 and 2020 and age_group is not null and follower_count is not null
group by post_year, age_group
