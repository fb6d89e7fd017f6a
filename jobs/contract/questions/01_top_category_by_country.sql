-- Most popular category in each country
select country, category, category_count
from (
    select
        country,
        category,
        count(*) as category_count,
        rank() over (partition by country order by count(*) desc) as place
    from posts
    where country is not null and category is not null
    group by country, category
) as counted
where place = 1
