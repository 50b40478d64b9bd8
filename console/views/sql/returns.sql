-- Returns of all channels, and orders that money was given back of without one, with the ERP's documents.
-- The temporary tables are made by reconcile.refunds.cases.prepare_returns on the same cursor.
WITH told AS (
    SELECT t.channel, t.order_id, t.source, t.currency, min(t.at) AS moment,
        -sum(t.amount) FILTER (WHERE p.part NOT IN ('withheld', 'fees')) AS given
    FROM temp.refund_told AS t
    JOIN temp.refund_parts AS p ON p.vendor = split_part(t.channel, '.', 1) AND p.source = t.source
        AND p.kind = t.kind AND p.amount_type = t.amount_type AND p.amount_description = t.amount_description
    WHERE NOT t.is_past
    GROUP BY ALL
),
unclear AS (
    -- The order shows another refund than before, and no settlement says yet what was paid.
    SELECT channel, order_id
    FROM temp.refund_told
    GROUP BY channel, order_id
    HAVING bool_or(is_unclear) AND NOT bool_or(source = 'settlement')
),
given AS (
    -- Sources tell of the same refunds: the one that knows of most knows them all.
    SELECT channel, order_id, arg_max(currency, given) AS currency, max(given) AS given, min(moment) AS moment
    FROM told
    WHERE source <> 'return'
    GROUP BY channel, order_id
),
documents AS (
    SELECT channel, order_id,
        string_agg(number, ' ' ORDER BY number) FILTER (WHERE transaction_type = 'RtnAuth') AS rma,
        string_agg(number, ' ' ORDER BY number) FILTER (WHERE transaction_type = 'ItemRcpt') AS receipt,
        string_agg(number, ' ' ORDER BY number) FILTER (WHERE transaction_type IN ('CustCred', 'CashRfnd')) AS credit,
        string_agg(number, ' ' ORDER BY number) FILTER (WHERE transaction_type IN ('CustRfnd', 'CashRfnd'))
            AS paid_out
    FROM temp.refund_documents
    GROUP BY channel, order_id
),
returned AS (
    SELECT r.channel, r.order_id, r.return_id, r.kind, r.requested_at AS since, sum(l.quantity) AS units,
        sum(l.quantity_received) AS received,
        string_agg(DISTINCT coalesce(l.disposition, l.reason), ' ') AS disposition
    FROM channel_returns AS r
    JOIN channel_return_lines AS l ON l.channel = r.channel AND l.return_id = r.return_id
    WHERE r.order_id IS NOT NULL
    GROUP BY ALL
),
every AS (
    SELECT * FROM returned
    UNION ALL
    SELECT o.channel, o.order_id, '', 'money', coalesce(g.moment, x.ordered_at), 0, 0, NULL
    FROM temp.refund_orders AS o
    LEFT JOIN given AS g ON g.channel = o.channel AND g.order_id = o.order_id
    LEFT JOIN orders AS x ON x.channel = o.channel AND x.order_id = o.order_id
    ANTI JOIN returned AS r ON r.channel = o.channel AND r.order_id = o.order_id
),
open AS (
    SELECT channel, subject, control = 'return_unbooked' AS is_return, any_value(cause) AS cause,
        min(CASE state WHEN 'blocked' THEN 0 WHEN 'open' THEN 1 WHEN 'planned' THEN 2 ELSE 3 END) AS rank
    FROM discrepancies
    WHERE state <> 'resolved'
        AND control IN ('return_unbooked', 'refund_unbooked', 'refund_not_on_channel', 'refund_unsettled')
    GROUP BY ALL
),
ranked AS (
    SELECT e.*, least(coalesce(a.rank, 9), coalesce(b.rank, 9)) AS rank, coalesce(a.cause, b.cause) AS cause
    FROM every AS e
    LEFT JOIN open AS a ON a.channel = e.channel AND a.subject = e.return_id AND a.is_return
    LEFT JOIN open AS b ON b.channel = e.channel AND b.subject = e.order_id AND NOT b.is_return
)
SELECT
    k.channel || '|' || replace(replace(k.order_id, '%', '%25'), '|', '%7C') || '|' || k.return_id AS key,
    k.channel,
    k.order_id AS "order",
    nullif(k.return_id, '') AS return_id,
    k.kind,
    k.units,
    k.received,
    k.disposition,
    g.given AS refunded,
    g.currency,
    d.rma,
    d.receipt,
    d.credit,
    d.paid_out,
    CASE k.rank WHEN 0 THEN 'blocked' WHEN 1 THEN 'open' WHEN 2 THEN 'planned' WHEN 3 THEN 'pushing'
        ELSE CASE WHEN u.order_id IS NOT NULL OR d.rma IS NULL AND d.credit IS NULL THEN 'waits' ELSE 'booked' END
    END AS status,
    k.since,
    k.cause,
    k.rank
FROM ranked AS k
LEFT JOIN given AS g ON g.channel = k.channel AND g.order_id = k.order_id
LEFT JOIN documents AS d ON d.channel = k.channel AND d.order_id = k.order_id
LEFT JOIN unclear AS u ON u.channel = k.channel AND u.order_id = k.order_id
