-- What no bill and no shift may slip past while another closes it. Both look at the row under a lock that the closing
-- does not share, so they wait for it; the error is that of a serialisation, and the act is done again on what it finds.

CREATE FUNCTION refuse_bill_of_closed_shift() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM shifts s WHERE s.id = NEW.shift_id AND s.closed_at IS NULL FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the shift was closed meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER bills_in_open_shift BEFORE INSERT ON bills
  FOR EACH ROW EXECUTE FUNCTION refuse_bill_of_closed_shift();

-- A counter that is closed for good opens no shift, and so makes no bill.
CREATE FUNCTION refuse_shift_of_closed_till() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM tills t WHERE t.id = NEW.till_id AND t.closed_at IS NULL FOR KEY SHARE;
  IF NOT FOUND THEN
    PERFORM refuse('account_not_open');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER shifts_at_open_till BEFORE INSERT ON shifts
  FOR EACH ROW EXECUTE FUNCTION refuse_shift_of_closed_till();

CREATE TRIGGER closings_stay BEFORE UPDATE OR DELETE ON closings
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closings_stay_all BEFORE TRUNCATE ON closings
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
