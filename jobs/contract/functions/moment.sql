-- moment(text): the instant that an ISO 8601 text names, with `T` or a blank, or with `:` in its date, as emulators
-- send it. Without an offset it is in UTC, without a time of day at midnight. Null when there is no such day or hour.
-- `instant` is each engine's cast of an ISO 8601 text.
case
    when regexp_extract(
        text,
        '^[0-9]{4}[-:][0-9]{2}[-:][0-9]{2}([T ]([01][0-9]|2[0-3])(:[0-5][0-9]){2}([.][0-9]{1,9})?(Z|[+-](0[0-9]|1[0-7]):[0-5][0-9]|[+-]18:00)?)?$',
        0
    ) = text
    then instant(substr(text, 1, 4) || '-' || substr(text, 6, 2) || '-' || substr(text, 9, 2) || substr(text, 11))
end
