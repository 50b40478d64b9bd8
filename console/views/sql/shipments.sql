-- What left for the channels' orders: NetSuite's fulfilments, and parcels of the channels that no fulfilment names.
-- A parcel that a marketplace sent for another shop stands beside the fulfilment of the sale, under its own number.
-- The state is that of the discrepancy which names the fulfilment or parcel; without one both sides agree.
WITH open_findings AS (
    SELECT
        d.channel, d.subject AS order_id, d.control, d.state, d.deadline,
        coalesce(CAST(d.detail -> 'fulfilments' AS VARCHAR[]), []) AS fulfilments,
        coalesce(CAST(d.detail -> 'parcels' AS VARCHAR[]), []) AS parcels
    FROM discrepancies AS d
    WHERE d.state <> 'resolved' AND d.control IN (
        'shipment_unconfirmed', 'shipment_differs', 'fulfilment_missing', 'multichannel_unfulfilled')
),
sources AS (
    SELECT l.transaction_id, min(l.created_from) AS source_id
    FROM transaction_lines AS l
    JOIN transactions AS f ON f.transaction_id = l.transaction_id AND f.transaction_type = 'ItemShip'
    WHERE l.created_from IS NOT NULL
    GROUP BY l.transaction_id
),
referred AS (
    SELECT t.transaction_id, t.external_key AS key, t.external_id AS reference
    FROM transactions AS t WHERE t.external_key IS NOT NULL AND t.transaction_id IN (SELECT source_id FROM sources)
    UNION
    SELECT t.transaction_id, t.other_key, t.other_reference
    FROM transactions AS t WHERE t.other_key IS NOT NULL AND t.transaction_id IN (SELECT source_id FROM sources)
    UNION
    SELECT t.transaction_id, t.number_key, t.number
    FROM transactions AS t WHERE t.number_key IS NOT NULL AND t.transaction_id IN (SELECT source_id FROM sources)
),
named AS (
    SELECT transaction_id, key,
        CASE WHEN left(reference, 4) IN ('AMZ-', 'WMT-') THEN substr(reference, 5) ELSE reference END AS order_id
    FROM referred
),
fulfilled AS (
    SELECT DISTINCT o.channel, o.order_id, f.transaction_id, f.number, f.status, f.external_id, o.status AS order_status,
        o.ship_by, coalesce(f.created_at, f.updated_at) AS sent_at
    FROM sources AS s
    JOIN transactions AS f ON f.transaction_id = s.transaction_id
    JOIN named AS n ON n.transaction_id = s.source_id
    JOIN orders AS o ON o.order_key = n.key AND o.order_id = n.order_id
),
units AS (
    SELECT transaction_id, sum(abs(quantity)) AS units FROM transaction_lines
    WHERE item_id IS NOT NULL AND transaction_id IN (SELECT transaction_id FROM fulfilled) GROUP BY transaction_id
),
numbers AS (
    SELECT transaction_id, count(*) AS parcels, string_agg(tracking_number, ', ' ORDER BY tracking_number) AS tracking
    FROM erp_parcels WHERE transaction_id IN (SELECT transaction_id FROM fulfilled) GROUP BY transaction_id
),
carriers AS (
    SELECT channel, order_id, string_agg(DISTINCT carrier, ', ' ORDER BY carrier) AS carrier,
        CASE WHEN count(*) = count(delivered_at) THEN max(delivered_at) END AS delivered_at
    FROM order_lines WHERE carrier IS NOT NULL AND order_key IN (SELECT key FROM named) GROUP BY channel, order_id
),
seller AS (
    SELECT
        f.channel || '/' || replace(replace(f.order_id, '%', '%25'), '/', '%2F') || '/' || f.transaction_id AS key,
        f.channel, f.order_id, f.number AS fulfilment, coalesce(n.parcels, 0) AS parcels, c.carrier, n.tracking,
        u.units, f.sent_at, f.ship_by AS due_at, f.order_status, f.status,
        CASE WHEN f.order_status = 'delivered' THEN c.delivered_at END AS delivered_at, x.control, x.state
    FROM fulfilled AS f
    LEFT JOIN units AS u ON u.transaction_id = f.transaction_id
    LEFT JOIN numbers AS n ON n.transaction_id = f.transaction_id
    LEFT JOIN carriers AS c ON c.channel = f.channel AND c.order_id = f.order_id
    LEFT JOIN open_findings AS x
        ON x.channel = f.channel AND x.order_id = f.order_id AND list_contains(x.fulfilments, f.number)
),
channel_units AS (
    SELECT channel, shipment_id, sum(quantity) AS units FROM channel_shipment_lines GROUP BY channel, shipment_id
),
channel_side AS (
    SELECT
        s.channel || '/' || replace(replace(s.order_id, '%', '%25'), '/', '%2F') || '/' || s.shipment_id AS key,
        s.channel, s.order_id, NULL AS fulfilment, 1 AS parcels, s.carrier, s.tracking_number AS tracking,
        u.units, s.shipped_at AS sent_at, o.ship_by AS due_at, o.status AS order_status, 'C' AS status,
        s.delivered_at, x.control, x.state
    FROM channel_shipments AS s
    JOIN orders AS o ON o.channel = s.channel AND o.order_id = s.order_id
    LEFT JOIN channel_units AS u ON u.channel = s.channel AND u.shipment_id = s.shipment_id
    LEFT JOIN open_findings AS x
        ON x.channel = s.channel AND x.order_id = s.order_id AND list_contains(x.parcels, s.shipment_id)
    WHERE ((s.channel, s.order_id) NOT IN (SELECT (channel, order_id) FROM fulfilled) OR x.control IS NOT NULL)
        -- The marketplace's own telling of what it shipped for another shop.
        AND (s.channel, coalesce(o.alternate_id, '')) NOT IN (SELECT (channel, order_id) FROM multichannel_orders)
),
held AS (
    SELECT p.tracking_number, min(f.number) AS number
    FROM erp_parcels AS p JOIN transactions AS f ON f.transaction_id = p.transaction_id
    WHERE p.tracking_number IN (
        SELECT split_part(s.tracking_number, ', ', 1) FROM channel_shipments AS s
        SEMI JOIN multichannel_orders AS m ON m.channel = s.channel AND m.order_id = s.order_id
    )
    GROUP BY p.tracking_number
),
elsewhere AS (
    SELECT
        s.channel || '/' || replace(replace(s.order_id, '%', '%25'), '/', '%2F') || '/' || s.shipment_id AS key,
        s.channel, s.order_id, h.number AS fulfilment, 1 AS parcels, s.carrier, s.tracking_number AS tracking,
        u.units, s.shipped_at AS sent_at, CAST(NULL AS TIMESTAMPTZ) AS due_at,
        CASE WHEN h.number IS NULL THEN 'open' ELSE 'shipped' END AS order_status, 'C' AS status,
        s.delivered_at, x.control, x.state
    FROM channel_shipments AS s
    SEMI JOIN multichannel_orders AS m ON m.channel = s.channel AND m.order_id = s.order_id
    LEFT JOIN channel_units AS u ON u.channel = s.channel AND u.shipment_id = s.shipment_id
    LEFT JOIN held AS h ON h.tracking_number = split_part(s.tracking_number, ', ', 1)
    LEFT JOIN open_findings AS x
        ON x.channel = s.channel AND x.order_id = s.order_id AND list_contains(x.parcels, s.shipment_id)
),
told AS (
    SELECT
        x.channel || '/' || x.order_id || '/' AS key,
        x.channel, x.order_id, NULL AS fulfilment, 0 AS parcels, l.carrier, l.tracking, l.units,
        o.updated_at AS sent_at, o.ship_by AS due_at, o.status AS order_status, 'C' AS status,
        NULL AS delivered_at, x.control, x.state
    FROM open_findings AS x
    JOIN orders AS o ON o.channel = x.channel AND o.order_id = x.order_id
    LEFT JOIN (
        SELECT channel, order_id, string_agg(DISTINCT carrier, ', ') AS carrier, sum(quantity_shipped) AS units,
            string_agg(DISTINCT tracking_number, ', ') AS tracking
        FROM order_lines WHERE (channel, order_id) IN (SELECT (channel, order_id) FROM open_findings)
        GROUP BY channel, order_id
    ) AS l ON l.channel = x.channel AND l.order_id = x.order_id
    WHERE x.control = 'fulfilment_missing' AND list_contains(x.parcels, 'units without a parcel')
),
together AS (SELECT * FROM seller UNION ALL SELECT * FROM channel_side UNION ALL SELECT * FROM told
    UNION ALL SELECT * FROM elsewhere)
SELECT
    key, channel, order_id AS "order", fulfilment, parcels, carrier, tracking, units,
    CASE
        WHEN state = 'blocked' THEN 'blocked'
        WHEN state IN ('planned', 'pushing') THEN state
        WHEN control = 'shipment_unconfirmed' AND due_at < $now THEN 'late'
        WHEN control = 'shipment_unconfirmed' THEN 'to confirm'
        WHEN control = 'shipment_differs' THEN 'differs'
        WHEN control IN ('fulfilment_missing', 'multichannel_unfulfilled') THEN 'to fulfil'
        WHEN status = 'A' THEN 'picked'
        WHEN status = 'B' THEN 'packed'
        WHEN order_status = 'delivered' THEN 'delivered'
        WHEN order_status IN ('open', 'pending') THEN 'sent'
        ELSE 'confirmed'
    END AS status,
    sent_at, delivered_at,
    CASE WHEN control = 'shipment_unconfirmed' THEN due_at END AS due_at,
    CASE
        WHEN control = 'shipment_unconfirmed' THEN 0 WHEN control = 'shipment_differs' THEN 1
        WHEN control IN ('fulfilment_missing', 'multichannel_unfulfilled') THEN 2 WHEN status IN ('A', 'B') THEN 3 ELSE 4
    END AS rank
FROM together
QUALIFY row_number() OVER (PARTITION BY key ORDER BY rank) = 1
