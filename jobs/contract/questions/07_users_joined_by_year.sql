-- Users who joined in each year, 2015 to 2020
-- Names repeat: who has the same name, age and time of joining is the same user.
select join_year, count(*) as number_users_joined
from (
    select distinct user_name, age, date_joined, cast(year(date_joined) as int) as join_year from user
) as joined
where join_year between 2015 and 2020
group by join_year
