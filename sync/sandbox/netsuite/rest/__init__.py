"""What is served over REST beside queries: records, their schemas, RESTlets, the account's own services."""
