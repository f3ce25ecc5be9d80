-- Counting a payment by phone again, by the limits that stand when the wallet's lock is had: `payer` was read before it
-- was waited for, and a limit that was lowered meanwhile holds at once. store/limits.py says the same in Python for SQLite.

CREATE OR REPLACE FUNCTION count_on_phone(payer people, in_amount bigint, in_at bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  in_day text;
  zone text;
  most_payment bigint;
  most_day bigint;
BEGIN
  SELECT f.zone, coalesce(r.payment_minor, p.phone_payment_minor), coalesce(r.day_minor, p.phone_day_minor)
  INTO zone, most_payment, most_day
  FROM federation f
  JOIN people p ON p.id = payer.id
  LEFT JOIN limit_raises r ON r.person_id = p.id AND r.means = 'phone' AND r.from_at <= in_at;
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
