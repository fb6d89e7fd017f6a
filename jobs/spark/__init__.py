"""The contract on Spark and Delta: on this machine, on EMR Serverless, on Databricks."""
