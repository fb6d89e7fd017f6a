-- Why a user is refused whose values are all of their types (data contract, section 3); null when it is not.
case
    when age < 0 then 'age is negative'
    when date_joined is not null and not coalesce(
        moment(date_joined) between instant('0001-01-01') and instant('9999-12-31T23:59:59.999999'), false
    )
    then 'date_joined is no date and time'
end
