-- Most popular category in each age group
select age_group, category, category_count
from (
    select
        age_group,
        category,
        count(*) as category_count,
        rank() over (partition by age_group order by count(*) desc) as place
    from posts
    where age_group is not null and category is not null
    group by age_group, category
) as counted
where place = 1
