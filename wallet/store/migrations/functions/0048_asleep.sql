-- Who asks, again: a shared tablet that was touched before the clock was set back stays signed in no longer for that.
-- domain/pairing.py says the same in Python: nothing keeps one awake for more than ten minutes, and clocks differ by 30 s.

CREATE OR REPLACE FUNCTION asker(in_handle text, in_session text, in_at bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  person bigint;
BEGIN
  IF in_session IS NULL THEN
    SELECT p.id INTO person FROM people p WHERE p.handle = in_handle;
  ELSE
    SELECT s.person_id INTO person FROM sessions s
    WHERE s.token_hash = in_session AND s.revoked_at IS NULL AND s.expires_at > in_at
      AND (s.tablet_id IS NULL OR s.expires_at <= in_at + 630000000);
    IF NOT FOUND THEN
      PERFORM refuse('not_signed_in');
    END IF;
  END IF;
  RETURN person;
END $$;
