-- followers(text): `300`, `12k`, `1.5M`, `2B` as a bigint; null for anything else, and for what no bigint holds.
-- The digits of the fraction that the unit makes whole come after those before the point; further ones are cut off.
case
    when regexp_extract(text, '^[0-9]+([.][0-9]+)?[kKmMbB]?$', 0) = text
    then try_cast(
        regexp_extract(text, '^[0-9]+', 0) || substr(
            rpad(regexp_extract(text, '[.]([0-9]+)', 1), 9, '0'),
            1,
            case lower(right(text, 1)) when 'k' then 3 when 'm' then 6 when 'b' then 9 else 0 end
        ) as bigint
    )
end
