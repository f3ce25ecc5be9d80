-- Paying a bill again: a sale that was given back whole is no purchase that the next one of its sum would repeat.
-- store/sales.py says the same in Python for SQLite and for scans.

CREATE OR REPLACE FUNCTION pay_bill(
  in_code text, in_payer text, in_session text, in_key text, in_digest text, in_ref text, in_words text, in_confirm boolean,
  in_at bigint, in_own_since bigint, in_repeat_since bigint, in_asserted boolean, in_demo boolean, in_empty_from bigint,
  in_empty_until bigint, in_busy_since bigint, in_busy_most bigint, in_cash_day_most bigint,
  in_cash_counts boolean,
  OUT made text, OUT amount bigint, OUT cash bigint, OUT balance bigint, OUT qualifies boolean, OUT coop text,
  OUT payer_handle text, OUT payer_name text, OUT till text, OUT asked boolean
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
    PERFORM 1 FROM transfers t WHERE t.debit_id = payer.account_id AND t.at > in_busy_since AND t.at <= in_at + 30000000
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
      WHERE t.debit_id = payer.account_id AND t.at > in_repeat_since AND t.at <= in_at + 30000000 AND t.kind = 'sale'
        AND t.till_id = bill.till_id AND t.amount_minor + t.cash_minor = bill.amount_minor
        AND NOT EXISTS (
          SELECT 1 FROM sale_refunds r
          WHERE r.sale_id = t.id AND r.refunded_minor = t.amount_minor AND r.cash_refunded_minor = t.cash_minor
        )
    ) THEN
      PERFORM refuse('looks_repeated');
    END IF;
  END IF;
  SELECT s.id, s.debit_balance, s.qualifies INTO sale, balance, qualifies FROM post_sale(
    in_ref, in_words, in_at, payer.account_id, coop_id, payee, bill.amount_minor - bill.cash_minor, bill.cash_minor,
    in_own_since, bill.till_id, bill.shift_id, bill.cashier_id, bill.code, bill.note, 'phone', in_cash_counts
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
  asked := bill.bound_to IS NOT NULL OR bill.buyer_id IS NOT NULL;
END $$;
