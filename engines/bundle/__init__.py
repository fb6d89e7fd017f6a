"""Checks the Databricks bundle without a workspace, and without the Databricks CLI."""
