-- The ERP's customers with what they bought over all channels, and buyers of orders who wait for a person's choice.
-- Candidates are those of the last comparison; money is that of the currency in which most was bought.
WITH named AS (
    SELECT external_key AS key, external_id AS reference, customer_id
    FROM transactions
    WHERE external_key IS NOT NULL AND transaction_type IN ('SalesOrd', 'CashSale', 'CustInvc')
    UNION
    SELECT other_key, other_reference, customer_id
    FROM transactions
    WHERE other_key IS NOT NULL AND transaction_type IN ('SalesOrd', 'CashSale', 'CustInvc')
    UNION
    SELECT number_key, number, customer_id
    FROM transactions
    WHERE number_key IS NOT NULL AND transaction_type IN ('SalesOrd', 'CashSale', 'CustInvc')
),
booked AS (
    SELECT DISTINCT
        n.customer_id,
        o.channel,
        o.order_id,
        o.currency,
        CASE WHEN o.status = 'cancelled' THEN 0 ELSE o.total END AS total
    FROM named AS n
    INNER JOIN orders AS o
        ON o.order_key = n.key AND n.reference IN (o.order_id, 'AMZ-' || o.order_id, 'WMT-' || o.order_id)
),
bought AS (
    SELECT customer_id, sum(orders) AS orders, max_by(value, orders) AS value, max_by(currency, orders) AS currency
    FROM (
        SELECT customer_id, currency, count(*) AS orders, sum(total) AS value FROM booked GROUP BY customer_id, currency
    )
    GROUP BY customer_id
),
found AS (
    SELECT control, subject, channel, amount, currency, detail
    FROM discrepancies
    WHERE control IN ('customer_duplicate', 'customer_unclear', 'customer_differs') AND state <> 'resolved'
),
alike AS (
    SELECT
        side.customer AS customer_id,
        max_by(side.candidate, percent) AS candidate,
        max(percent) AS percent,
        max_by(evidence, percent) AS evidence,
        bool_or(decided) AS decided
    FROM (
        SELECT
            unnest(
                [
                    {'customer': detail->>'keep', 'candidate': detail->>'other'},
                    {'customer': detail->>'other', 'candidate': detail->>'keep'}
                ]
            ) AS side,
            CAST(detail->>'percent' AS INTEGER) AS percent,
            detail->>'evidence' AS evidence,
            CAST(detail->>'decided' AS BOOLEAN) AS decided
        FROM found
        WHERE control = 'customer_duplicate'
    )
    GROUP BY side.customer
),
rows AS (
    SELECT
        f.subject AS key,
        'choose' AS status,
        detail->>'name' AS name,
        detail->>'email' AS email,
        detail->>'phone' AS phone,
        detail->>'address' AS address,
        CAST(detail->>'orders' AS BIGINT) AS orders,
        f.amount AS value,
        f.currency,
        CAST(detail->>'percent' AS DECIMAL(18, 4)) AS score,
        array_to_string(CAST(detail->'candidates' AS VARCHAR []), ', ') AS candidate,
        array_to_string(CAST(detail->'evidence' AS VARCHAR []), '; ') AS evidence,
        f.channel AS record,
        0 AS rank
    FROM found AS f
    WHERE f.control = 'customer_unclear'
    UNION ALL
    SELECT
        c.customer_id,
        CASE
            WHEN c.inactive THEN 'inactive'
            WHEN a.decided THEN 'merge'
            WHEN a.customer_id IS NOT NULL THEN 'duplicate'
            WHEN d.subject IS NOT NULL THEN 'enrich'
            ELSE 'known'
        END,
        coalesce(nullif(trim(concat_ws(' ', c.first_name, c.last_name)), ''), c.company_name, c.entity_id),
        c.email,
        c.phone,
        concat_ws(', ', p.address1, p.postal_code, p.city),
        coalesce(b.orders, 0),
        b.value,
        b.currency,
        a.percent,
        a.candidate,
        coalesce(a.evidence, d.title),
        c.entity_id,
        CASE
            WHEN c.inactive THEN 5
            WHEN a.decided THEN 2
            WHEN a.customer_id IS NOT NULL THEN 1
            WHEN d.subject IS NOT NULL THEN 3
            ELSE 4
        END
    FROM customers AS c
    LEFT JOIN bought AS b ON b.customer_id = c.customer_id
    LEFT JOIN alike AS a ON a.customer_id = c.customer_id
    LEFT JOIN (
        SELECT subject, title FROM discrepancies WHERE control = 'customer_differs' AND state <> 'resolved'
    ) AS d ON d.subject = c.customer_id
    LEFT JOIN (
        SELECT customer_id, address1, postal_code, city
        FROM customer_addresses
        QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY default_shipping DESC, position) = 1
    ) AS p ON p.customer_id = c.customer_id
)
SELECT
    * EXCLUDE (email),
    CASE WHEN $mask = 'yes' THEN regexp_replace(email, '^(.)[^@]*', '\1***') ELSE email END AS email
FROM rows
