"""What a common loading library takes for the same orders from the same server; runs in an environment of its own.

    python dlt_pipeline.py ADDRESS TOKEN MARKETPLACE AFTER BEFORE FOLDER

Prints one JSON line: orders and seconds. It is a plain use of dlt's REST source: one resource, merged by its key into
a DuckDB file.
"""

from __future__ import annotations

import json
import sys
import time

import dlt
from dlt.sources.rest_api import rest_api_source

#: What our own pull asks for.
_INCLUDED = ("BUYER", "RECIPIENT", "PROCEEDS", "EXPENSE", "PROMOTION", "CANCELLATION", "FULFILLMENT", "PACKAGES")


def main(address: str, token: str, marketplace: str, after: str, before: str, folder: str) -> None:
    """Pull the orders changed between two moments."""
    source = rest_api_source(
        {
            "client": {
                "base_url": address,
                "headers": {"x-amz-access-token": token},
                "paginator": {
                    "type": "cursor",
                    "cursor_path": "pagination.nextToken",
                    "cursor_param": "paginationToken",
                },
            },
            "resources": [
                {
                    "name": "orders",
                    "primary_key": "orderId",
                    "write_disposition": "merge",
                    "endpoint": {
                        "path": "orders/2026-01-01/orders",
                        "data_selector": "orders",
                        "params": {
                            "marketplaceIds": marketplace,
                            "lastUpdatedAfter": after,
                            "lastUpdatedBefore": before,
                            "maxResultsPerPage": 100,
                            "includedData": ",".join(_INCLUDED),
                        },
                    },
                }
            ],
        }
    )
    began = time.perf_counter()
    pipeline = dlt.pipeline(
        "orders", pipelines_dir=folder, destination=dlt.destinations.duckdb(f"{folder}/orders.duckdb"), dataset_name="d"
    )
    pipeline.run(source)
    took = time.perf_counter() - began
    with pipeline.sql_client() as client:
        rows = client.execute_sql("SELECT count(*) FROM orders")
    sys.stdout.write(json.dumps({"orders": rows[0][0], "seconds": took}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
