# Databricks notebook source
# MAGIC %md
# MAGIC # The batch lane
# MAGIC What is new in S3 goes into the clean tables, the questions are answered, the report is published: what the
# MAGIC job `<user_id>-batch` does in three tasks. No mount and no keys: an external location lets Spark
# MAGIC into the bucket, a service credential of Unity Catalog the rest.
# MAGIC
# MAGIC Runs on serverless compute, or on a dedicated cluster with Databricks Runtime 18 LTS.

# COMMAND ----------

# MAGIC %pip install --quiet ../../.build/wheel/pin_pipeline-0.1.0-py3-none-any.whl

# COMMAND ----------

dbutils.library.restartPython()

# COMMAND ----------

dbutils.widgets.text("estate", "", "1 Estate: s3://<bucket>/artifacts/estate.json")
dbutils.widgets.text("service_credential", "", "2 Service credential: <user_id>-service")

# COMMAND ----------

from jobs.batch import batch
from jobs.contract import QUESTIONS, SCHEMAS
from jobs.progress import generation_of
from jobs.spark.tables import Table
from pipeline.estate import load_estate, report_file
from pipeline.settings import load

settings = load(
    engine="spark",
    estate=dbutils.widgets.get("estate"),
    service_credential=dbutils.widgets.get("service_credential"),
    state="/tmp/pin",
)
estate = load_estate(settings)
batch(settings)

# COMMAND ----------

# MAGIC %md
# MAGIC ## The clean tables, and what was rejected with the reason

# COMMAND ----------

generation = generation_of(estate, "batch")
for name in SCHEMAS:
    print(name)
    display(Table(spark, estate, name, generation=generation).rows())

# COMMAND ----------

# MAGIC %md
# MAGIC ## The answers

# COMMAND ----------

for question in QUESTIONS:
    print(question.question)
    display(spark.read.format("delta").load(estate.uri(estate.table_prefix(question.name))))

# COMMAND ----------

# MAGIC %md
# MAGIC ## The report

# COMMAND ----------

displayHTML(report_file(settings).read_text(encoding="utf-8"))
