# Databricks notebook source
# MAGIC %md
# MAGIC # The stream lane
# MAGIC What has arrived in the three Kinesis streams goes into the stream lane's tables, then it ends: what the job
# MAGIC `<user_id>-stream` does without end. No keys: a service credential lets the source into Kinesis.
# MAGIC
# MAGIC Needs a dedicated cluster with Databricks Runtime 18 LTS: never serverless compute, nor a shared cluster.

# COMMAND ----------

# MAGIC %pip install --quiet ../../.build/wheel/pin_pipeline-0.1.0-py3-none-any.whl

# COMMAND ----------

dbutils.library.restartPython()

# COMMAND ----------

dbutils.widgets.text("estate", "", "1 Estate: s3://<bucket>/artifacts/estate.json")
dbutils.widgets.text("service_credential", "", "2 Service credential: <user_id>-service")

# COMMAND ----------

from jobs.contract import SCHEMAS
from jobs.progress import generation_of
from jobs.spark.tables import Table
from jobs.stream import stream
from pipeline.estate import load_estate
from pipeline.settings import load

settings = load(
    estate=dbutils.widgets.get("estate"),
    service_credential=dbutils.widgets.get("service_credential"),
    state="/tmp/pin",
    engine="spark",
    once=True,  # without it: until the cell is interrupted
)
stream(settings)

# COMMAND ----------

# MAGIC %md
# MAGIC ## The clean tables, and what was rejected with the reason

# COMMAND ----------

estate = load_estate(settings)
generation = generation_of(estate, "stream")
for name in SCHEMAS:
    print(name)
    display(Table(spark, estate, name, "stream", generation).rows())
