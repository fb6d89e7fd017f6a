"""The contract on DuckDB and delta-rs: one process, no JVM, memory that does not grow with the data."""
