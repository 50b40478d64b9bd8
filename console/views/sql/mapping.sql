-- SKUs that were sold and stand for no ERP item; the suggestion is worked out by whoever hands the rows over.
SELECT
    d.channel || '|' || d.subject AS key,
    d.channel,
    d.subject AS sku,
    l.title,
    CAST(NULL AS VARCHAR) AS suggestion,
    CAST(NULL AS DECIMAL(18, 4)) AS score,
    l.orders,
    d.amount AS "value",
    d.currency
FROM discrepancies AS d
LEFT JOIN (
    SELECT channel, sku, min(title) AS title, count(DISTINCT order_key) AS orders
    FROM order_lines
    GROUP BY channel, sku
) AS l ON l.channel = d.channel AND l.sku = d.subject
WHERE d.control = 'sku_unmapped' AND d.state <> 'resolved'
