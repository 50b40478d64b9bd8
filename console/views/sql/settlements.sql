-- Settlements; `$ties` says how each ties with its witnesses, `posted` how many of its months the ERP has; the gap is what the marketplace says it pays less the sum of the lines. The status says what is next:
-- gap, blocked, to post, staged, pushing, posted; waived or snoozed by a person; not judged: the ERP's mirror does not reach it, or it is history.
SELECT
    s.channel || '/' || s.settlement_id AS key,
    s.channel,
    s.settlement_id AS settlement,
    CAST(s.period_start AS DATE) AS period_start,
    CAST(s.period_end AS DATE) AS period_end,
    CAST(s.deposit_at AS DATE) AS deposit_at,
    s.currency,
    s.total,
    s.total - coalesce(l.amount, 0) AS gap,
    coalesce(l.lines, 0) AS lines,
    coalesce(w.ties, '....') AS ties,
    coalesce(t.parts, 0) || '/' || coalesce(l.months, 0) AS posted,
    CASE
        WHEN s.total <> coalesce(l.amount, 0) THEN 'gap'
        WHEN d.marked IS NOT NULL AND NOT (d.blocked OR d.open) THEN d.marked
        WHEN d.blocked THEN 'blocked'
        WHEN d.pushing THEN 'pushing'
        WHEN d.planned THEN 'staged'
        WHEN d.open THEN 'to post'
        WHEN t.settlement IS NOT NULL THEN 'posted'
        ELSE 'not judged'
    END AS status,
    s.document_name AS document
FROM settlements AS s
LEFT JOIN (
    SELECT channel, settlement_id, CAST(sum(amount) AS DECIMAL(18, 4)) AS amount, count(*) AS lines,
        count(DISTINCT year(posted_date) * 100 + month(posted_date)) AS months
    FROM settlement_lines
    GROUP BY channel, settlement_id
) AS l USING (channel, settlement_id)
LEFT JOIN (
    SELECT
        channel || '/' || regexp_extract(subject, '-SETTLE-(.+)-[0-9]{6}', 1) AS settlement,
        bool_or(state = 'blocked' AND mark IS NULL) AS blocked,
        bool_or(state = 'open' AND mark IS NULL) AS open,
        bool_or(state = 'planned') AS planned,
        bool_or(state = 'pushing') AS pushing,
        max(mark) AS marked
    FROM discrepancies
    LEFT JOIN (
        SELECT discrepancy_id, mark
        FROM discrepancy_marks
        QUALIFY row_number() OVER (PARTITION BY discrepancy_id ORDER BY mark_id DESC) = 1
            AND mark <> 'lifted' AND (until IS NULL OR until > $now)
    ) AS m USING (discrepancy_id)
    WHERE control = 'settlement_not_posted' AND state <> 'resolved'
    GROUP BY ALL
) AS d ON d.settlement = s.channel || '/' || s.settlement_id
LEFT JOIN (
    SELECT
        CASE WHEN starts_with(external_id, 'WMT-') THEN 'walmart' ELSE 'amazon' END AS vendor,
        regexp_extract(external_id, '-SETTLE-(.+)-[0-9]{6}', 1) AS settlement,
        count(DISTINCT regexp_extract(external_id, '-SETTLE-.+-([0-9]{6})', 1)) AS parts
    FROM transactions
    -- What was taken back posts nothing any more.
    WHERE contains(external_id, '-SETTLE-') AND NOT ends_with(external_id, '-R')
        AND external_id || '-R' NOT IN (SELECT external_id FROM transactions WHERE ends_with(external_id, '-R'))
    GROUP BY ALL
) AS t ON t.settlement = s.settlement_id AND t.vendor = split_part(s.channel, '.', 1)
LEFT JOIN (
    SELECT one.settlement AS settlement, one.ties AS ties
    FROM (SELECT unnest(from_json($ties, '[{"settlement": "VARCHAR", "ties": "VARCHAR"}]')) AS one)
) AS w ON w.settlement = s.channel || '/' || s.settlement_id
