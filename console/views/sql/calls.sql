-- Every HTTP attempt, redacted when it was stored.
SELECT
    CAST(call_id AS VARCHAR) AS key,
    started_at AS at,
    vendor,
    method,
    path,
    status,
    elapsed_ms AS ms,
    attempt,
    request_id,
    error_kind AS error,
    operation
FROM calls
