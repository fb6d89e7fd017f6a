-- Events of geolocations → rows of the table `geo` (data contract, section 2).
select
    ind,
    country,
    case when latitude is not null or longitude is not null then pair(latitude, longitude) end as coordinates,
    moment(timestamp) as timestamp
from geo_events
