-- Orders of all channels with the ERP document that refers to them.
SELECT
    o.channel || '/' || o.order_id AS key,
    o.channel,
    o.order_id AS "order",
    o.ordered_at,
    o.status,
    t.number AS erp,
    o.currency,
    o.total,
    o.buyer_name AS buyer,
    o.alternate_id AS alternate,
    l.tracking
FROM orders AS o
LEFT JOIN (
    SELECT other_key, min(number) AS number
    FROM transactions
    WHERE other_key IS NOT NULL AND transaction_type IN ('SalesOrd', 'CashSale')
    GROUP BY other_key
) AS t ON t.other_key = o.order_key
LEFT JOIN (
    SELECT order_key, string_agg(DISTINCT tracking_number, ' ' ORDER BY tracking_number) AS tracking
    FROM order_lines
    WHERE tracking_number IS NOT NULL
    GROUP BY order_key
) AS l ON l.order_key = o.order_key
