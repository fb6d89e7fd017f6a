mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  user_id          = "0a1b2c3d4e5f"
  plugin_zip       = "versions.tf" # any file works
  kafka_client_zip = "outputs.tf"
  airflow_folder   = "tests/airflow"
}

run "names_follow_the_convention_of_the_course" {
  command = plan

  assert {
    condition     = output.topics == { pin = "0a1b2c3d4e5f.pin", geo = "0a1b2c3d4e5f.geo", user = "0a1b2c3d4e5f.user" }
    error_message = "Topics must be <user_id>.pin, .geo and .user."
  }
  assert {
    condition     = output.streams == { pin = "0a1b2c3d4e5f-pin", geo = "0a1b2c3d4e5f-geo", user = "0a1b2c3d4e5f-user" }
    error_message = "Streams must be <user_id>-pin, -geo and -user."
  }
  assert {
    condition     = output.bucket == "user-0a1b2c3d4e5f-bucket"
    error_message = "The bucket must be user-<user_id>-bucket."
  }
  assert {
    condition     = module.iam.kafka_client_role_name == "0a1b2c3d4e5f-ec2-access-role" && module.iam.kafka_client_instance_profile == "0a1b2c3d4e5f-ec2-access-role"
    error_message = "The EC2 client's role must be <user_id>-ec2-access-role."
  }
  assert {
    condition = [module.msk.name, output.airflow_name, module.database.identifier, module.kafka_rest.service_name, output.stage] == [
      "0a1b2c3d4e5f-msk", "airflow-0a1b2c3d4e5f", "source-0a1b2c3d4e5f", "0a1b2c3d4e5f-rest-proxy", "prod",
    ]
    error_message = "All names must begin with the user id."
  }
  assert {
    condition     = keys(output.connectors) == ["0a1b2c3d4e5f-connector", "0a1b2c3d4e5f-dead-letter-connector"]
    error_message = "There must be a connector for the events and one for the dead letters."
  }
  assert {
    condition     = output.user_id == "0a1b2c3d4e5f" && output.region == "us-east-1" && output.size == "small"
    error_message = "The outputs must have user id, region and size."
  }
}

run "the_sink_lands_in_confluents_layout" {
  command = plan

  assert {
    condition = { for key in ["topics", "topics.dir", "filename.offset.zero.pad.width", "s3.bucket.name", "s3.region", "flush.size", "rotate.schedule.interval.ms", "tasks.max", "connector.class", "format.bytearray.extension"] : key => output.connectors["0a1b2c3d4e5f-connector"][key] } == {
      "topics"                         = "0a1b2c3d4e5f.geo,0a1b2c3d4e5f.pin,0a1b2c3d4e5f.user"
      "topics.dir"                     = "topics"
      "filename.offset.zero.pad.width" = "10"
      "s3.bucket.name"                 = "user-0a1b2c3d4e5f-bucket"
      "s3.region"                      = "us-east-1"
      "flush.size"                     = "10000"
      "rotate.schedule.interval.ms"    = "60000"
      "tasks.max"                      = "1"
      "connector.class"                = "org.pinpipeline.connect.S3SinkConnector"
      "format.bytearray.extension"     = ".json"
    }
    error_message = "The jobs read topics/<topic>/partition=<n>/<topic>+<n>+<10 digits>.json."
  }
  assert {
    condition     = alltrue([for configuration in values(output.connectors) : !contains(keys(configuration), "store.url")])
    error_message = "On AWS the sink must use S3's own endpoint."
  }
  assert {
    condition     = output.connectors["0a1b2c3d4e5f-connector"]["kafka.admin.sasl.mechanism"] == "AWS_MSK_IAM" && output.connectors["0a1b2c3d4e5f-connector"]["kafka.admin.security.protocol"] == "SASL_SSL" && output.connectors["0a1b2c3d4e5f-connector"]["kafka.admin.bootstrap.servers"] == "b-1.mock:9098,b-2.mock:9098,b-3.mock:9098"
    error_message = "The sink must use IAM to ask the cluster for the ids of topics."
  }
  assert {
    condition     = output.worker_properties["consumer.isolation.level"] == "read_committed" && output.worker_properties["key.converter"] == "org.apache.kafka.connect.converters.ByteArrayConverter" && output.worker_properties["value.converter"] == "org.apache.kafka.connect.converters.ByteArrayConverter"
    error_message = "The sink must land the bytes of the records unchanged."
  }
}

run "dead_letters_are_landed_too" {
  command = plan

  assert {
    condition     = output.dead_letter_topic == "0a1b2c3d4e5f.dead-letter"
    error_message = "Dead letters must have their own topic."
  }
  assert {
    condition     = output.connectors["0a1b2c3d4e5f-connector"]["errors.tolerance"] == "all" && output.connectors["0a1b2c3d4e5f-connector"]["errors.deadletterqueue.topic.name"] == "0a1b2c3d4e5f.dead-letter" && output.connectors["0a1b2c3d4e5f-connector"]["errors.deadletterqueue.context.headers.enable"] == "true" && output.connectors["0a1b2c3d4e5f-connector"]["producer.override.max.request.size"] == "8388608"
    error_message = "Records that the sink cannot land must go to that topic, with the reason."
  }
  assert {
    condition     = output.connectors["0a1b2c3d4e5f-dead-letter-connector"]["topics"] == "0a1b2c3d4e5f.dead-letter" && output.connectors["0a1b2c3d4e5f-dead-letter-connector"]["format"] == "dead-letter"
    error_message = "The other connector must land that topic."
  }
  assert {
    condition     = !contains(keys(output.connectors["0a1b2c3d4e5f-dead-letter-connector"]), "errors.deadletterqueue.topic.name")
    error_message = "Dead letters of dead letters would loop forever."
  }
  assert {
    condition     = contains(module.monitoring.alarm_names, "0a1b2c3d4e5f-dead-letters") && length(module.monitoring.alarm_names) == 14
    error_message = "Dead letters must raise an alarm."
  }
}

run "the_client_creates_the_topics" {
  command = plan

  assert {
    condition = sort(regexall("--topic \\S+ \\\\\\n  --partitions \\d+ --replication-factor \\d+ --config \\S+", output.kafka_client_user_data)) == tolist([
      "--topic 0a1b2c3d4e5f.dead-letter \\\n  --partitions 1 --replication-factor 3 --config max.message.bytes=8388608",
      "--topic 0a1b2c3d4e5f.geo \\\n  --partitions 3 --replication-factor 3 --config max.message.bytes=2097152",
      "--topic 0a1b2c3d4e5f.pin \\\n  --partitions 3 --replication-factor 3 --config max.message.bytes=2097152",
      "--topic 0a1b2c3d4e5f.user \\\n  --partitions 3 --replication-factor 3 --config max.message.bytes=2097152",
    ])
    error_message = "Each topic must have its partitions, its replicas and room for large records."
  }
  assert {
    condition     = strcontains(output.kafka_client_user_data, "sasl.mechanism=AWS_MSK_IAM\n") && strcontains(output.kafka_client_user_data, "security.protocol=SASL_SSL\n") && strcontains(output.kafka_client_user_data, "sasl.client.callback.handler.class=software.amazon.msk.auth.iam.IAMClientCallbackHandler\n")
    error_message = "Clients must authenticate by IAM."
  }
  assert {
    condition     = strcontains(output.kafka_client_user_data, "export BOOTSTRAP_SERVERS=b-1.mock:9098,b-2.mock:9098,b-3.mock:9098\n")
    error_message = "The client must have the bootstrap servers of the cluster."
  }
  assert {
    condition     = { for name, artifact in aws_s3_object.artifact : name => can(regex("^artifacts/${name}-[0-9a-f]{16}\\.zip$", artifact.key)) && artifact.source_hash != null && artifact.bucket == "user-0a1b2c3d4e5f-bucket" } == { plugin = true, kafka-client = true }
    error_message = "The names of artifacts must contain their checksums."
  }
}

run "jobs_run_on_emr" {
  command = plan

  override_resource {
    target          = module.spark.aws_emrserverless_application.this
    values          = { id = "00f1a2b3c4d5e6f7" }
    override_during = plan
  }

  assert {
    condition = [output.spark_application_id, output.spark_role_arn, output.spark_entry_point, output.spark_log_uri] == [
      "00f1a2b3c4d5e6f7", "arn:aws:iam::123456789012:role/mock", "local:///opt/pipeline/main.py", "s3://user-0a1b2c3d4e5f-bucket/logs/spark/",
    ]
    error_message = "A job run must have the role and the entry point of the image, and log to the bucket."
  }
  assert {
    condition     = startswith(output.spark_parameters, "--conf spark.driver.cores=2 --conf spark.driver.memory=7g ") && strcontains(output.spark_parameters, " --conf spark.jars=/usr/share/aws/delta/lib/delta-spark.jar,/usr/share/aws/delta/lib/delta-storage.jar")
    error_message = "The parameters of spark-submit must have sizes and jars."
  }
  assert {
    condition = { for key, value in local.airflow_configuration : key => value if key != "pin.emr" } == {
      "pin.user_id"            = "0a1b2c3d4e5f"
      "pin.bucket"             = "user-0a1b2c3d4e5f-bucket"
      "pin.engine"             = "emr"
      "pin.databricks_job"     = "0a1b2c3d4e5f-batch"
      "pin.alarm_topic_arn"    = "arn:aws:sns:us-east-1:123456789012:mock"
      "pin.max_rejected_share" = "0.05"
      "pin.max_age_hours"      = "36"
    }
    error_message = "Airflow must have the options that the DAG reads."
  }
  assert {
    condition = jsondecode(local.airflow_configuration["pin.emr"]) == {
      application_id   = "00f1a2b3c4d5e6f7"
      role_arn         = "arn:aws:iam::123456789012:role/mock"
      entry_point      = "local:///opt/pipeline/main.py"
      spark_parameters = output.spark_parameters
      log_uri          = "s3://user-0a1b2c3d4e5f-bucket/logs/spark/"
    }
    error_message = "Airflow must start a job run with the same parameters."
  }
  assert {
    condition     = keys(output.airflow_object_versions) == ["airflow/dags/0a1b2c3d4e5f_dag.py", "airflow/dags/constraints-3.12.txt", "airflow/requirements.txt"]
    error_message = "The DAG must be named after the user, with the constraints next to it."
  }
  assert {
    condition     = output.databricks_role_arn == null && output.databricks_connection_secret == null
    error_message = "There must be no outputs for Databricks."
  }
  assert {
    condition     = contains(local.endpoints.airflow, "sns")
    error_message = "Airflow must have an endpoint for SNS, to publish alarms."
  }
}

run "jobs_on_other_platforms_know_the_estate" {
  command = plan

  override_resource {
    target          = module.api.aws_api_gateway_stage.this
    values          = { invoke_url = "https://0a1b2c3d4e.execute-api.us-east-1.amazonaws.com/prod" }
    override_during = plan
  }

  assert {
    condition = jsondecode(aws_s3_object.estate.content) == {
      user_id                  = "0a1b2c3d4e5f"
      region                   = "us-east-1"
      bucket                   = "user-0a1b2c3d4e5f-bucket"
      topics                   = { pin = "0a1b2c3d4e5f.pin", geo = "0a1b2c3d4e5f.geo", user = "0a1b2c3d4e5f.user" }
      dead_letter_topic        = "0a1b2c3d4e5f.dead-letter"
      topic_partitions         = 3
      topic_config             = { "max.message.bytes" = "2097152" }
      dead_letter_topic_config = { "max.message.bytes" = "8388608" }
      topics_dir               = "topics"
      streams                  = { pin = "0a1b2c3d4e5f-pin", geo = "0a1b2c3d4e5f-geo", user = "0a1b2c3d4e5f-user" }
      invoke_url               = "https://0a1b2c3d4e.execute-api.us-east-1.amazonaws.com/prod"
      api_authorization        = "AWS_IAM"
      api_key_secret           = "0a1b2c3d4e5f/api-key"
      bootstrap_servers        = "b-1.mock:9098,b-2.mock:9098,b-3.mock:9098"
      connectors               = {}
    }
    error_message = "The object must have the outputs that the jobs read."
  }
  assert {
    condition     = output.estate_uri == "s3://user-0a1b2c3d4e5f-bucket/artifacts/estate.json" && aws_s3_object.estate.kms_key_id == module.kms.key_arn
    error_message = "It must be encrypted, at the URI in the outputs."
  }
}

run "jobs_run_on_databricks" {
  command = plan

  variables {
    airflow_engine = "databricks"
    quality        = { max_rejected_share = 0.2, max_age_hours = 12.5 }
    databricks     = { external_ids = ["11111111-2222"], job = "nightly" }
  }

  assert {
    condition     = [for key in ["engine", "databricks_job", "max_rejected_share", "max_age_hours"] : local.airflow_configuration["pin.${key}"]] == ["databricks", "nightly", "0.2", "12.5"]
    error_message = "The DAG must get the engine, its job and the thresholds."
  }
  assert {
    condition     = output.databricks_role_arn == "arn:aws:iam::123456789012:role/mock" && output.databricks_connection_secret == "0a1b2c3d4e5f/airflow/connections/databricks_default"
    error_message = "There must be a role for Unity Catalog, and a secret for the connection of Airflow."
  }
}

run "databricks_without_airflow" {
  command = plan

  variables {
    databricks = { external_ids = ["11111111-2222"] }
  }

  assert {
    condition     = output.databricks_role_arn == "arn:aws:iam::123456789012:role/mock" && output.databricks_connection_secret == null && local.airflow_configuration["pin.engine"] == "emr"
    error_message = "Without Airflow on Databricks there must be only the role."
  }
}

run "our_proxy_is_the_default" {
  command = plan

  assert {
    condition     = endswith(local.rest_proxy.image, ":0.1.0") && local.rest_proxy.health_check_path == "/health"
    error_message = "By default this release's proxy must run, with its own health check path."
  }
}

run "our_proxy_by_digest" {
  command = plan

  variables {
    rest_proxy_image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/0a1b2c3d4e5f/rest-proxy@sha256:0a1b"
  }

  assert {
    condition     = local.rest_proxy == { image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/0a1b2c3d4e5f/rest-proxy@sha256:0a1b", health_check_path = "/health" }
    error_message = "The pushed image must run."
  }
}

# The digest of ours stays: setting one variable switches the proxy, unsetting it switches back.
run "confluents_proxy_replaces_ours" {
  command = plan

  variables {
    rest_proxy_image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/0a1b2c3d4e5f/rest-proxy@sha256:0a1b"
    kafka_rest_image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/0a1b2c3d4e5f/kafka-rest@sha256:2c3d"
  }

  assert {
    condition     = local.rest_proxy == { image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/0a1b2c3d4e5f/kafka-rest@sha256:2c3d", health_check_path = "/v3/clusters" }
    error_message = "Confluent's image must have its own health check path."
  }
}

# Terraform refuses outputs of a root that depend on a secret and are not marked sensitive: that this plans is the proof.
run "no_output_is_secret" {
  command = plan

  assert {
    condition     = !strcontains(file("${path.module}/outputs.tf"), "sensitive")
    error_message = "No output may be sensitive: all programs read them."
  }
  assert {
    condition     = output.api_key_secret == "0a1b2c3d4e5f/api-key" && output.database_secret_arn == "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-mock"
    error_message = "The outputs must have the names of secrets, not their values."
  }
  assert {
    condition     = output.api_authorization == "AWS_IAM"
    error_message = "Callers must sign requests."
  }
}

run "variables_reach_their_modules" {
  command = plan

  variables {
    api_authorization = "NONE"
    topic_partitions  = 6
    stream_shards     = 2
    connector_class   = "io.confluent.connect.s3.S3SinkConnector"
    flush_size        = 500
    alarm_email       = "me@example.org"
    kafka_rest_url    = "http://127.0.0.1:8082"
  }

  assert {
    condition     = output.api_authorization == "NONE" && output.topic_partitions == 6 && strcontains(output.kafka_client_user_data, "--partitions 6 ")
    error_message = "API and topics must have the given values."
  }
  assert {
    condition     = output.connectors["0a1b2c3d4e5f-connector"]["connector.class"] == "io.confluent.connect.s3.S3SinkConnector" && output.connectors["0a1b2c3d4e5f-connector"]["flush.size"] == "500"
    error_message = "Connectors must have the given values."
  }
}

run "invalid_variables_are_refused" {
  command = plan

  variables {
    user_id            = "Not.An.Id"
    size               = "huge"
    topic_partitions   = 0
    plugin_zip         = "no-such-file.zip"
    kafka_client_zip   = "no-such-file.zip"
    flush_size         = 0
    rotate_interval_ms = 999
    airflow_folder     = "tests"
    airflow_engine     = "local"
    quality            = { max_rejected_share = 1.01 }
    databricks         = { external_ids = [] }
  }

  expect_failures = [var.user_id, var.size, var.topic_partitions, var.plugin_zip, var.kafka_client_zip, var.flush_size, var.rotate_interval_ms, var.airflow_folder, var.airflow_engine, var.quality, var.databricks]
}

run "a_negative_share_and_an_id_with_a_blank_are_refused" {
  command = plan

  variables {
    quality    = { max_rejected_share = -0.01 }
    databricks = { external_ids = ["11111111-2222", "33333333 4444"] }
  }

  expect_failures = [var.quality, var.databricks]
}

run "an_age_of_no_hours_is_refused" {
  command = plan

  variables {
    quality = { max_age_hours = 0 }
  }

  expect_failures = [var.quality]
}

run "a_user_id_of_three_characters_is_refused" {
  command = plan

  variables {
    user_id = "abc"
  }

  expect_failures = [var.user_id]
}

run "a_user_id_that_ends_with_a_dash_is_refused" {
  command = plan

  variables {
    user_id = "0a1b2c-"
  }

  expect_failures = [var.user_id]
}
