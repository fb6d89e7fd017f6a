-- Why a geolocation is refused whose values are all of their types (data contract, section 3); null when it is not.
case
    when abs(latitude) > 90 then 'latitude is outside ±90'
    when abs(longitude) > 180 then 'longitude is outside ±180'
    when timestamp is not null and not coalesce(
        moment(timestamp) between instant('0001-01-01') and instant('9999-12-31T23:59:59.999999'), false
    )
    then 'timestamp is no date and time'
end
