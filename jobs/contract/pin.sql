-- Events of posts → rows of the table `pin` (data contract, section 2).
-- A marker that the scraper left in place of a value becomes null.
select
    index as ind,
    unique_id,
    case when title not in ('', 'No Title Data Available') then title end as title,
    case
        when description not in (
            '', 'No description available', 'No description available Story format', 'Untitled', 'Art.'
        ) then description
    end as description,
    followers(follower_count) as follower_count,
    case when poster_name not in ('', 'User Info Error') then poster_name end as poster_name,
    case when tag_list not in ('', 'N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e') then tag_list end as tag_list,
    is_image_or_video,
    case when image_src not in ('', 'Image src error.') then image_src end as image_src,
    regexp_replace(save_location, '^Local save in ', '') as save_location,
    category
from pin_events
