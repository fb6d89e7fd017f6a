-- Events of users → rows of the table `user` (data contract, section 2).
select
    ind,
    first_name || ' ' || last_name as user_name,
    age,
    moment(date_joined) as date_joined
from user_events
