-- Settlements; the gap is what the marketplace says it pays less the sum of the lines.
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
    CASE WHEN s.total = coalesce(l.amount, 0) THEN 'footed' ELSE 'gap' END AS status,
    s.document_name AS document
FROM settlements AS s
LEFT JOIN (
    SELECT channel, settlement_id, CAST(sum(amount) AS DECIMAL(18, 4)) AS amount, count(*) AS lines
    FROM settlement_lines
    GROUP BY channel, settlement_id
) AS l USING (channel, settlement_id)
