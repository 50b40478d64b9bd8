-- The outbox without what a newer plan replaced or a person dropped.
SELECT
    operation_id AS key,
    replace(state, '_', ' ') AS status,
    vendor || ' ' || replace(replace(kind, '_', ' '), '.', ' ') AS operation,
    identity AS target,
    summary,
    channel,
    attempts,
    next_attempt_at AS next_at,
    CASE WHEN error IS NULL THEN NULL ELSE coalesce(error_kind || ': ', '') || error END AS error,
    amount,
    currency,
    updated_at AS changed_at,
    CASE state WHEN 'failed' THEN 0 WHEN 'in_doubt' THEN 1 WHEN 'done' THEN 3 ELSE 2 END AS rank
FROM operations
WHERE state NOT IN ('superseded', 'discarded')
