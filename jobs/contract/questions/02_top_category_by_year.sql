-- Most popular category in each year, 2018 to 2022
select post_year, category, category_count
from (
    select
        post_year,
        category,
        count(*) as category_count,
        rank() over (partition by post_year order by count(*) desc) as place
    from posts
    where post_year between 2018 and 2022 and category is not null
    group by post_year, category
) as counted
where place = 1
