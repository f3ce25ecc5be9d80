-- Opening a bill again, which refuses a till that is closed for good before it says how a bill there would have to be
-- paid. store/payments.py says the same in Python for SQLite.

CREATE OR REPLACE FUNCTION open_bill(
  in_till text, in_cashier text, in_session text, in_code text, in_amount bigint, in_cash bigint, in_note text, in_key text,
  in_digest text, in_at bigint, in_expires bigint, in_busy_since bigint, in_busy_most bigint,
  OUT made text, OUT till_name text, OUT coop text, OUT coop_name text, OUT mark text
) LANGUAGE plpgsql AS $$
DECLARE
  cashier bigint := asker(in_cashier, in_session, in_at);
  shift bigint;
  status text;
  closed bigint;
  res_part bigint;
BEGIN
  SELECT t.name, c.slug, c.name, c.mark, c.status, t.closed_at, c.res_part_bp, s.id
  INTO till_name, coop, coop_name, mark, status, closed, res_part, shift
  FROM tills t
  JOIN coops c ON c.id = t.coop_id
  JOIN roles r ON r.coop_id = c.id AND r.role = 'cashier' AND r.revoked_at IS NULL
  LEFT JOIN shifts s ON s.till_id = t.id AND s.closed_at IS NULL
  WHERE t.id = in_till AND r.person_id = cashier
  LIMIT 1;
  IF NOT FOUND THEN
    PERFORM refuse('unknown_till');
  END IF;
  made := claim_key('till:' || in_till, in_key, in_digest, 'bill', in_code, in_at);
  IF made IS NOT NULL THEN
    RETURN;
  END IF;
  IF status <> 'active' OR closed IS NOT NULL THEN
    PERFORM refuse('account_not_open');
  ELSIF (in_amount - in_cash) * 10000::numeric > in_amount * res_part::numeric THEN
    PERFORM refuse('cash_part_required');
  END IF;
  IF in_busy_since IS NOT NULL THEN
    PERFORM 1 FROM bills b WHERE b.till_id = in_till AND b.opened_at > in_busy_since
    ORDER BY b.opened_at DESC OFFSET in_busy_most - 1 LIMIT 1;
    IF FOUND THEN
      PERFORM refuse('too_many');
    END IF;
  END IF;
  IF shift IS NULL THEN
    INSERT INTO shifts (till_id, opened_at, opened_by) VALUES (in_till, in_at, cashier) ON CONFLICT DO NOTHING;
    SELECT s.id INTO shift FROM shifts s WHERE s.till_id = in_till AND s.closed_at IS NULL;
  END IF;
  INSERT INTO bills (code, till_id, cashier_id, shift_id, amount_minor, cash_minor, note, state, opened_at, expires_at)
  VALUES (in_code, in_till, cashier, shift, in_amount, in_cash, in_note, 'open', in_at, in_expires);
END $$;
