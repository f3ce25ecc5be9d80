-- A day and a month again, which keep UTC's where the zone's wall clock shows a year that is not 1 to 9999, as
-- wallet/domain/period.py does. Only the calendar's first and last day, as UTC has them, can come to that.

CREATE OR REPLACE FUNCTION day_of(at bigint, zone text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT to_char(
    CASE
      WHEN at BETWEEN -62135510400000000 AND 253402214399999999
        OR (timestamp 'epoch' + at * interval '1 microsecond') AT TIME ZONE 'UTC' AT TIME ZONE zone
          BETWEEN timestamp '0001-01-01' AND timestamp '9999-12-31 23:59:59.999999'
      THEN (timestamp 'epoch' + at * interval '1 microsecond') AT TIME ZONE 'UTC' AT TIME ZONE zone
      ELSE timestamp 'epoch' + at * interval '1 microsecond'
    END,
    'YYYY-MM-DD'
  )
$$;

CREATE OR REPLACE FUNCTION month_of(at bigint, zone text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT left(day_of(at, zone), 7)
$$;
