"""Where the batch runs when it does not run here: EMR Serverless and Databricks."""
