"""SuiteQL on a real engine: Oracle's grammar is parsed, checked, rewritten and run on DuckDB."""
