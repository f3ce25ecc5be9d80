-- What a counter does, as one round trip each. store/ledger/ and store/payments.py say the same in Python for
-- SQLite; one table of cases and a state machine hold both equal. A refusal is raised as SQLSTATE RW001 with its code,
-- so that everything before it is rolled back. Products are numeric: they exceed 64 bits at the largest amounts.

CREATE FUNCTION refuse(code text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'RW001', MESSAGE = code;
END $$;

CREATE FUNCTION month_of(at bigint, zone text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT to_char((timestamp 'epoch' + at * interval '1 microsecond') AT TIME ZONE 'UTC' AT TIME ZONE zone, 'YYYY-MM')
$$;

CREATE FUNCTION post_sale(
  in_ref text, in_words text, in_at bigint, in_payer bigint, in_coop bigint, in_payee bigint, in_amount bigint,
  in_cash bigint, in_own_since bigint, in_till text, in_shift bigint, in_cashier bigint, in_bill text, in_note text,
  in_means text,
  OUT id bigint, OUT debit_balance bigint, OUT credit_balance bigint, OUT qualifies boolean, OUT basis bigint,
  OUT minutes bigint
) LANGUAGE plpgsql AS $$
DECLARE
  wallet accounts%ROWTYPE;
  person bigint;
  in_month text;
  payee_seq bigint;
BEGIN
  SELECT a.* INTO wallet FROM accounts a WHERE a.id = in_payer FOR UPDATE;
  IF in_amount > wallet.balance_minor THEN
    PERFORM refuse('insufficient_funds');
  END IF;
  SELECT p.id, month_of(in_at, f.zone), NOT EXISTS (
    SELECT 1 FROM own_set o
    WHERE o.person_id = p.id AND o.coop_id = in_coop AND (o.is_member OR o.last_paid_at >= in_own_since)
  ) INTO person, in_month, qualifies FROM people p, federation f WHERE p.account_id = in_payer;
  basis := 0;
  minutes := 0;
  wallet.balance_minor := wallet.balance_minor - in_amount;
  IF qualifies THEN
    basis := least(in_amount, wallet.eligible_minor);
    IF wallet.eligible_minor > 0 THEN
      minutes := div(wallet.eligible_minutes::numeric * basis, wallet.eligible_minor);
    END IF;
    wallet.eligible_minor := wallet.eligible_minor - basis;
    wallet.eligible_minutes := wallet.eligible_minutes - minutes;
  ELSIF wallet.eligible_minor > wallet.balance_minor THEN
    wallet.eligible_minutes := div(wallet.eligible_minutes::numeric * wallet.balance_minor, wallet.eligible_minor);
    wallet.eligible_minor := wallet.balance_minor;
  END IF;
  UPDATE accounts a SET
    balance_minor = a.balance_minor - in_amount, seq = a.seq + 1,
    eligible_minor = wallet.eligible_minor, eligible_minutes = wallet.eligible_minutes,
    basis_minor = a.basis_minor + basis, qualified_minutes = a.qualified_minutes + minutes
  WHERE a.id = in_payer AND (in_amount = 0 OR a.balance_minor - in_amount >= a.floor_minor)
  RETURNING a.balance_minor, a.seq INTO debit_balance, wallet.seq;
  IF NOT FOUND THEN
    PERFORM refuse('insufficient_funds');
  END IF;
  IF qualifies THEN
    INSERT INTO patronage_months AS r (person_id, month, posted_month, income_minor, spend_minor)
    VALUES (person, in_month, in_month, 0, in_amount + in_cash)
    ON CONFLICT (person_id, month, posted_month) DO UPDATE SET spend_minor = r.spend_minor + excluded.spend_minor;
    INSERT INTO basis_months AS r (person_id, month, basis_minor, minutes) VALUES (person, in_month, basis, minutes)
    ON CONFLICT (person_id, month) DO UPDATE
      SET basis_minor = r.basis_minor + excluded.basis_minor, minutes = r.minutes + excluded.minutes;
  END IF;
  UPDATE accounts a SET balance_minor = a.balance_minor + in_amount, seq = a.seq + 1 WHERE a.id = in_payee
  RETURNING a.balance_minor, a.seq INTO credit_balance, payee_seq;
  INSERT INTO transfers (
    ref, kind, at, debit_id, credit_id, amount_minor, cash_minor, debit_seq, credit_seq, debit_balance_minor,
    credit_balance_minor, qualifies, basis_minor, basis_minutes, till_id, shift_id, cashier_id, bill, note, words,
    means, xact
  ) VALUES (
    in_ref, 'sale', in_at, in_payer, in_payee, in_amount, in_cash, wallet.seq, payee_seq, debit_balance,
    credit_balance, qualifies, basis, minutes, in_till, in_shift, in_cashier, in_bill, in_note, in_words,
    in_means, pg_current_xact_id()::text::bigint
  ) RETURNING transfers.id INTO id;
END $$;

-- Who asks: the person of a live session, or the person called so.
CREATE FUNCTION asker(in_handle text, in_session text, in_at bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  person bigint;
BEGIN
  IF in_session IS NULL THEN
    SELECT p.id INTO person FROM people p WHERE p.handle = in_handle;
  ELSE
    SELECT s.person_id INTO person FROM sessions s
    WHERE s.token_hash = in_session AND s.revoked_at IS NULL AND s.expires_at > in_at;
    IF NOT FOUND THEN
      PERFORM refuse('not_signed_in');
    END IF;
  END IF;
  RETURN person;
END $$;

-- Claim a key for what is about to be made; give what it made before, or NULL.
CREATE FUNCTION claim_key(in_scope text, in_key text, in_digest text, in_act text, in_made text, in_at bigint)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  known keys%ROWTYPE;
BEGIN
  INSERT INTO keys (scope, key, digest, act, made, at) VALUES (in_scope, in_key, in_digest, in_act, in_made, in_at)
  ON CONFLICT DO NOTHING;
  IF FOUND THEN
    RETURN NULL;
  END IF;
  SELECT k.* INTO known FROM keys k WHERE k.scope = in_scope AND k.key = in_key;
  IF known.digest <> in_digest THEN
    PERFORM refuse('key_reused');
  END IF;
  RETURN known.made;
END $$;

CREATE FUNCTION open_bill(
  in_till text, in_cashier text, in_session text, in_code text, in_amount bigint, in_cash bigint, in_note text, in_key text,
  in_digest text, in_at bigint, in_expires bigint,
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
  IF shift IS NULL THEN
    INSERT INTO shifts (till_id, opened_at, opened_by) VALUES (in_till, in_at, cashier) ON CONFLICT DO NOTHING;
    SELECT s.id INTO shift FROM shifts s WHERE s.till_id = in_till AND s.closed_at IS NULL;
  END IF;
  INSERT INTO bills (code, till_id, cashier_id, shift_id, amount_minor, cash_minor, note, state, opened_at, expires_at)
  VALUES (in_code, in_till, cashier, shift, in_amount, in_cash, in_note, 'open', in_at, in_expires);
END $$;

CREATE FUNCTION pay_bill(
  in_code text, in_payer text, in_session text, in_key text, in_digest text, in_ref text, in_words text, in_confirm boolean,
  in_at bigint, in_own_since bigint, in_repeat_since bigint,
  OUT made text, OUT amount bigint, OUT cash bigint, OUT balance bigint, OUT qualifies boolean, OUT coop text,
  OUT payer_handle text, OUT payer_name text, OUT till text
) LANGUAGE plpgsql AS $$
DECLARE
  payer people%ROWTYPE;
  bill bills%ROWTYPE;
  payee bigint;
  coop_id bigint;
  status text;
  sale bigint;
BEGIN
  SELECT p.* INTO payer FROM people p WHERE p.id = asker(in_payer, in_session, in_at);
  IF payer.account_id IS NULL THEN
    PERFORM refuse('unknown_member');
  END IF;
  made := claim_key('person:' || payer.id, in_key, in_digest, 'sale', in_ref, in_at);
  IF made IS NOT NULL THEN
    RETURN;
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
  UPDATE bills b SET state = 'paid', transfer_id = sale, rev = b.rev + 1 WHERE b.code = in_code AND b.state = 'open';
  amount := bill.amount_minor;
  cash := bill.cash_minor;
  payer_handle := payer.handle;
  payer_name := payer.counter_name;
  till := bill.till_id;
END $$;
