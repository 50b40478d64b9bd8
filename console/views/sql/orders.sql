-- Orders of all channels with the ERP document that refers to them, by whichever reference it does.
-- What is due: Walmart's four hours for the seller's word, then the day by which the goods must leave.
-- What a marketplace ships for another shop stands here under the seller's own number, with the sale's document.
WITH grouped AS (
    SELECT
        coalesce(other_key, external_key, number_key) AS order_key,
        min(number) AS number,
        count(*) AS documents,
        arg_min(transaction_type, transaction_id) AS kind,
        arg_min(status, transaction_id) AS letter
    FROM transactions
    WHERE transaction_type IN ('SalesOrd', 'CashSale')
        OR (transaction_type = 'CustInvc' AND coalesce(other_key, external_key) IS NOT NULL)
    GROUP BY 1
),
documents AS MATERIALIZED (
    SELECT
        order_key,
        number,
        CASE
            WHEN documents > 1 THEN documents || ' documents'
            ELSE CASE kind WHEN 'SalesOrd' THEN 'sales order' WHEN 'CashSale' THEN 'cash sale' WHEN 'CustInvc' THEN 'invoice' END
        END AS document,
        CASE kind || coalesce(letter, '')
            WHEN 'SalesOrdA' THEN 'to approve'
            WHEN 'SalesOrdB' THEN 'to ship'
            WHEN 'SalesOrdC' THEN 'cancelled'
            WHEN 'SalesOrdD' THEN 'part shipped'
            WHEN 'SalesOrdE' THEN 'part shipped'
            WHEN 'SalesOrdF' THEN 'to bill'
            WHEN 'SalesOrdG' THEN 'billed'
            WHEN 'SalesOrdH' THEN 'closed'
            WHEN 'CashSaleB' THEN 'not deposited'
            WHEN 'CashSaleC' THEN 'deposited'
            WHEN 'CustInvcA' THEN 'open'
            WHEN 'CustInvcB' THEN 'paid'
            ELSE letter
        END AS erp_status
    FROM grouped
),
lines AS (
    SELECT
        order_key,
        string_agg(DISTINCT tracking_number, ' ' ORDER BY tracking_number) AS tracking,
        bool_or(cancel_requested) AS asked
    FROM order_lines
    WHERE tracking_number IS NOT NULL OR cancel_requested
    GROUP BY order_key
),
parcels AS (
    SELECT channel, order_id, string_agg(DISTINCT tracking_number, ' ' ORDER BY tracking_number) AS tracking
    FROM channel_shipments
    WHERE (channel, order_id) IN (SELECT (channel, order_id) FROM multichannel_orders)
    GROUP BY channel, order_id
)
SELECT
    o.channel || '/' || o.order_id AS key,
    o.channel,
    o.order_id AS "order",
    o.ordered_at,
    o.status,
    t.number AS erp,
    t.document,
    t.erp_status,
    CASE o.fulfilled_by WHEN 'channel' THEN split_part(o.channel, '.', 1) ELSE o.fulfilled_by END AS by,
    o.order_type AS kind,
    CASE
        WHEN o.fulfilled_by <> 'seller' OR o.status NOT IN ('open', 'partly_shipped') THEN NULL
        WHEN starts_with(o.channel, 'walmart.') AND o.acknowledged_at IS NULL AND o.status = 'open'
            THEN o.ordered_at + INTERVAL 4 HOUR
        ELSE o.ship_by
    END AS due_at,
    CASE WHEN l.asked THEN 'cancel' END AS wish,
    o.currency,
    o.total,
    o.buyer_name AS buyer,
    o.alternate_id AS alternate,
    l.tracking
FROM orders AS o
LEFT JOIN documents AS t ON t.order_key = o.order_key
LEFT JOIN lines AS l ON l.order_key = o.order_key
UNION ALL
SELECT
    m.channel || '/' || m.order_id,
    m.channel,
    m.order_id,
    m.ordered_at,
    m.status,
    t.number,
    t.document,
    t.erp_status,
    split_part(m.channel, '.', 1),
    'multi_channel',
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    m.display_id,
    p.tracking
FROM multichannel_orders AS m
LEFT JOIN documents AS t ON t.order_key = m.display_key
LEFT JOIN parcels AS p ON p.channel = m.channel AND p.order_id = m.order_id
