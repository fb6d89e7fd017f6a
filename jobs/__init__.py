"""Spark jobs: the events that the sink landed → clean Delta tables → the eight analyses → the report."""
