-- A sale again, which looks once more whether the co-op is active when it holds the payee's account, so that a payment
-- comes before a suspension or is refused; and the payment of a bill, which says so before it says how the bill ended.
-- store/ledger/sales.py and store/payments.py say the same in Python for SQLite, which has one writer.

CREATE OR REPLACE FUNCTION post_sale(
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
  -- Whoever suspends the co-op, or lets it leave, holds this account: with its lock had, what is read now is what stands.
  IF NOT EXISTS (SELECT 1 FROM coops c WHERE c.id = in_coop AND c.status = 'active') THEN
    PERFORM refuse('account_not_open');
  END IF;
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

CREATE OR REPLACE FUNCTION pay_bill(
  in_code text, in_payer text, in_session text, in_key text, in_digest text, in_ref text, in_words text, in_confirm boolean,
  in_at bigint, in_own_since bigint, in_repeat_since bigint, in_asserted boolean, in_demo boolean, in_empty_from bigint,
  in_empty_until bigint, in_busy_since bigint, in_busy_most bigint, in_cash_day_most bigint,
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
  END IF;
  SELECT t.account_id, c.id, c.slug, c.status INTO payee, coop_id, coop, status
  FROM tills t JOIN coops c ON c.id = t.coop_id WHERE t.id = bill.till_id;
  IF status <> 'active' THEN
    PERFORM refuse('account_not_open');
  ELSIF bill.state <> 'open' THEN
    PERFORM refuse('bill_' || bill.state);
  ELSIF in_at >= bill.expires_at THEN
    PERFORM refuse('bill_expired');
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
  IF bill.cash_minor > 0 AND cash_logged(payer.account_id, in_at) > in_cash_day_most
    AND NOT is_steward(bill.cashier_id, coop_id, in_at) THEN
    PERFORM refuse('steward_required');
  END IF;
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
