-- A sale's month and a payment's day again, for less: a query that reads the zone and turns the instant in one goes takes
-- five times as long as reading the zone first and turning the instant after it.

CREATE OR REPLACE FUNCTION post_sale(
  in_ref text, in_words text, in_at bigint, in_payer bigint, in_coop bigint, in_payee bigint, in_amount bigint,
  in_cash bigint, in_own_since bigint, in_till text, in_shift bigint, in_cashier bigint, in_bill text, in_note text,
  in_means text, in_cash_counts boolean,
  OUT id bigint, OUT debit_balance bigint, OUT credit_balance bigint, OUT qualifies boolean, OUT basis bigint,
  OUT minutes bigint
) LANGUAGE plpgsql AS $$
DECLARE
  wallet accounts%ROWTYPE;
  person bigint;
  zone text;
  in_month text;
  payee_seq bigint;
BEGIN
  SELECT a.* INTO wallet FROM accounts a WHERE a.id = in_payer FOR UPDATE;
  IF in_amount > wallet.balance_minor THEN
    PERFORM refuse('insufficient_funds');
  END IF;
  SELECT p.id, f.zone INTO person, zone FROM people p, federation f WHERE p.account_id = in_payer;
  in_month := month_of(in_at, zone);
  qualifies := NOT EXISTS (
    SELECT 1 FROM own_set o
    WHERE o.person_id = person AND o.coop_id = in_coop AND (o.is_member OR o.last_paid_at >= in_own_since)
  );
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
    VALUES (person, in_month, in_month, 0, in_amount + CASE WHEN in_cash_counts THEN in_cash ELSE 0 END)
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

CREATE OR REPLACE FUNCTION count_on_phone(payer people, in_amount bigint, in_at bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  in_day text;
  zone text;
  most_payment bigint;
  most_day bigint;
BEGIN
  SELECT f.zone, coalesce(r.payment_minor, payer.phone_payment_minor),
    coalesce(r.day_minor, payer.phone_day_minor)
  INTO zone, most_payment, most_day
  FROM federation f
  LEFT JOIN limit_raises r ON r.person_id = payer.id AND r.means = 'phone' AND r.from_at <= in_at;
  in_day := day_of(in_at, zone);
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
