-- What the controls found and has not resolved; a person's newest mark decides over the state while it holds.
-- Its age counts from when it came about, where that is known: the first pull finds old things too.
SELECT
    d.discrepancy_id AS key,
    d.severity,
    replace(d.control, '_', ' ') AS control,
    d.channel,
    regexp_replace(d.subject, '^[A-Z]+-SETTLE-(.+)-([0-9]{4})([0-9]{2})$', '\1 \2-\3') AS record,
    d.subject,
    CASE
        WHEN d.channel_amount IS NULL AND d.erp_amount IS NULL THEN NULL
        ELSE coalesce(d.erp_amount, 0) - coalesce(d.channel_amount, 0)
    END AS diff,
    coalesce(d.occurred_at, d.first_seen) AS since,
    d.deadline AS due_at,
    CASE WHEN m.mark IN ('waived', 'snoozed') AND (m.until IS NULL OR m.until > $now) THEN m.mark ELSE d.state END
        AS status,
    d.cause,
    d.title,
    d.amount,
    d.currency,
    CASE d.severity WHEN 'high' THEN 0 WHEN 'med' THEN 1 ELSE 2 END AS rank
FROM discrepancies AS d
LEFT JOIN (
    SELECT discrepancy_id, mark, until
    FROM discrepancy_marks
    QUALIFY row_number() OVER (PARTITION BY discrepancy_id ORDER BY mark_id DESC) = 1
) AS m USING (discrepancy_id)
WHERE d.state <> 'resolved'
