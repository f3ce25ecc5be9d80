-- The counter's two functions again, now that a session alone pays only so much, and nobody acts too often.
-- store/payments.py and store/limits.py say the same in Python for SQLite.

CREATE FUNCTION day_of(at bigint, zone text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT to_char((timestamp 'epoch' + at * interval '1 microsecond') AT TIME ZONE 'UTC' AT TIME ZONE zone, 'YYYY-MM-DD')
$$;

-- Count what a session pays without a passkey against its member's limits. The wallet's row is locked already: whoever
-- counts comes through there, so that no two wait for each other.
CREATE FUNCTION count_on_phone(payer people, in_amount bigint, in_at bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  in_day text;
  most_payment bigint;
  most_day bigint;
BEGIN
  SELECT day_of(in_at, f.zone), coalesce(r.payment_minor, payer.phone_payment_minor),
    coalesce(r.day_minor, payer.phone_day_minor)
  INTO in_day, most_payment, most_day
  FROM federation f
  LEFT JOIN limit_raises r ON r.person_id = payer.id AND r.means = 'phone' AND r.from_at <= in_at;
  IF in_amount > least(most_payment, most_day) THEN
    PERFORM refuse('step_up_required');
  END IF;
  INSERT INTO phone_days AS d (person_id, day, spent_minor) VALUES (payer.id, in_day, in_amount)
  ON CONFLICT (person_id, day) DO UPDATE SET spent_minor = d.spent_minor + excluded.spent_minor
  WHERE d.spent_minor + excluded.spent_minor <= most_day;
  IF NOT FOUND THEN
    PERFORM refuse('step_up_required');
  END IF;
END $$;

DROP FUNCTION open_bill(text, text, text, text, bigint, bigint, text, text, text, bigint, bigint);

CREATE FUNCTION open_bill(
  in_till text, in_cashier text, in_session text, in_code text, in_amount bigint, in_cash bigint, in_note text, in_key text,
  in_digest text, in_at bigint, in_expires bigint, in_busy_since bigint, in_busy_most bigint,
  OUT made text, OUT till_name text, OUT coop text, OUT coop_name text, OUT mark text
) LANGUAGE plpgsql AS $$
DECLARE
  cashier bigint := asker(in_cashier, in_session, in_at);
  shift bigint;
  status text;
BEGIN
  SELECT t.name, c.slug, c.name, c.mark, c.status, s.id
  INTO till_name, coop, coop_name, mark, status, shift
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
  IF status <> 'active' THEN
    PERFORM refuse('account_not_open');
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

DROP FUNCTION pay_bill(text, text, text, text, text, text, text, boolean, bigint, bigint, bigint);

CREATE FUNCTION pay_bill(
  in_code text, in_payer text, in_session text, in_key text, in_digest text, in_ref text, in_words text, in_confirm boolean,
  in_at bigint, in_own_since bigint, in_repeat_since bigint, in_asserted boolean, in_demo boolean, in_empty_from bigint,
  in_empty_until bigint, in_busy_since bigint, in_busy_most bigint,
  OUT made text, OUT amount bigint, OUT cash bigint, OUT balance bigint, OUT qualifies boolean, OUT coop text,
  OUT payer_handle text, OUT payer_name text, OUT till text
) LANGUAGE plpgsql AS $$
DECLARE
  payer people%ROWTYPE;
  asks bigint;
  means text;
  bill bills%ROWTYPE;
  payee bigint;
  coop_id bigint;
  status text;
  sale bigint;
BEGIN
  IF in_session IS NULL THEN
    asks := asker(in_payer, NULL, in_at);
  ELSE
    SELECT s.person_id, s.means INTO asks, means FROM sessions s
    WHERE s.token_hash = in_session AND s.revoked_at IS NULL AND s.expires_at > in_at;
    IF NOT FOUND THEN
      PERFORM refuse('not_signed_in');
    END IF;
  END IF;
  SELECT p.* INTO payer FROM people p WHERE p.id = asks;
  IF payer.account_id IS NULL THEN
    PERFORM refuse('unknown_member');
  END IF;
  made := claim_key('person:' || payer.id, in_key, in_digest, 'sale', in_ref, in_at);
  IF made IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM 1 FROM rate_buckets r
  WHERE r.name = 'bill-code person ' || payer.id AND r.full_at > in_empty_from AND r.full_at <= in_empty_until;
  IF FOUND THEN
    PERFORM refuse('too_many');
  END IF;
  IF in_busy_since IS NOT NULL THEN
    PERFORM 1 FROM transfers t WHERE t.debit_id = payer.account_id AND t.at > in_busy_since
    ORDER BY t.at DESC OFFSET in_busy_most - 1 LIMIT 1;
    IF FOUND THEN
      PERFORM refuse('too_many');
    END IF;
  END IF;
  SELECT b.* INTO bill FROM bills b WHERE b.code = in_code FOR UPDATE;
  IF NOT FOUND OR bill.bound_to <> payer.id THEN
    PERFORM refuse('unknown_bill');
  ELSIF bill.state = 'paid' THEN
    PERFORM refuse('bill_already_paid');
  ELSIF bill.state <> 'open' THEN
    PERFORM refuse('bill_' || bill.state);
  ELSIF in_at >= bill.expires_at THEN
    PERFORM refuse('bill_expired');
  END IF;
  SELECT t.account_id, c.id, c.slug, c.status INTO payee, coop_id, coop, status
  FROM tills t JOIN coops c ON c.id = t.coop_id WHERE t.id = bill.till_id;
  IF status <> 'active' THEN
    PERFORM refuse('account_not_open');
  END IF;
  IF NOT in_confirm AND bill.bound_to IS NULL THEN
    -- Two bills that one member pays at the same moment meet here; the second then sees the first.
    PERFORM 1 FROM accounts a WHERE a.id = payer.account_id FOR UPDATE;
    IF EXISTS (
      SELECT 1 FROM transfers t
      WHERE t.debit_id = payer.account_id AND t.at > in_repeat_since AND t.kind = 'sale' AND t.till_id = bill.till_id
        AND t.amount_minor + t.cash_minor = bill.amount_minor
    ) THEN
      PERFORM refuse('looks_repeated');
    END IF;
  END IF;
  SELECT s.id, s.debit_balance, s.qualifies INTO sale, balance, qualifies FROM post_sale(
    in_ref, in_words, in_at, payer.account_id, coop_id, payee, bill.amount_minor - bill.cash_minor, bill.cash_minor,
    in_own_since, bill.till_id, bill.shift_id, bill.cashier_id, bill.code, bill.note, 'phone'
  ) s;
  IF NOT in_asserted AND in_session IS NOT NULL AND NOT (in_demo AND means = 'demo')
    AND bill.amount_minor > bill.cash_minor THEN
    PERFORM count_on_phone(payer, bill.amount_minor - bill.cash_minor, in_at);
  END IF;
  UPDATE bills b SET state = 'paid', transfer_id = sale, rev = b.rev + 1 WHERE b.code = in_code AND b.state = 'open';
  amount := bill.amount_minor;
  cash := bill.cash_minor;
  payer_handle := payer.handle;
  payer_name := payer.counter_name;
  till := bill.till_id;
END $$;
