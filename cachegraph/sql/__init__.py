"""Programs that ask exported Parquet without cachegraph: SQL for DuckDB, and one for Spark."""
