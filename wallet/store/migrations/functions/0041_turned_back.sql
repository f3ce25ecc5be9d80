-- A day again, which stays over where clocks go back over midnight and show it a second time: it lasts from its first
-- midnight to the next day's first, as in wallet/domain/period.py and in store/verify/running.py.

CREATE OR REPLACE FUNCTION day_of(at bigint, zone text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  utc timestamp := timestamp 'epoch' + at * interval '1 microsecond';
  here timestamp := utc AT TIME ZONE 'UTC' AT TIME ZONE zone;
  unturned timestamp;
  midnight timestamp;
BEGIN
  -- In some zones the first and last hours of the calendar show a year that is not 1 to 9999; they keep UTC's day.
  IF here NOT BETWEEN timestamp '0001-01-01' AND timestamp '9999-12-31 23:59:59.999999' THEN
    RETURN to_char(utc, 'YYYY-MM-DD');
  END IF;
  -- What the clock would show, had nobody turned it since a day ago.
  unturned := (utc - interval '1 day') AT TIME ZONE 'UTC' AT TIME ZONE zone + interval '1 day';
  midnight := date_trunc('day', unturned);
  IF here < midnight AND (utc - (unturned - midnight)) AT TIME ZONE 'UTC' AT TIME ZONE zone = midnight THEN
    RETURN to_char(midnight, 'YYYY-MM-DD');
  END IF;
  RETURN to_char(here, 'YYYY-MM-DD');
END $$;
