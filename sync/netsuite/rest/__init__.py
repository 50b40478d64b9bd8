"""NetSuite's services over HTTP: records, queries, jobs and batches, RESTlets, and what their refusals mean."""
