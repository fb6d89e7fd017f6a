-- A row for each post that has its place and its user: what most questions are asked of (data contract, section 4).
select
    pin.category,
    pin.poster_name,
    pin.follower_count,
    geo.country,
    cast(year(geo.timestamp) as int) as post_year,
    case
        when user.age < 18 then 'under 18'
        when user.age <= 24 then '18-24'
        when user.age <= 35 then '25-35'
        when user.age <= 50 then '36-50'
        when user.age > 50 then '50+'
    end as age_group,
    cast(year(user.date_joined) as int) as join_year
from pin
join geo on geo.ind = pin.ind
join user on user.ind = pin.ind
