mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{}"
    }
  }
}

variables {
  user_id           = "0a1b2c3d4e5f"
  region            = "us-east-1"
  kafka_rest_url    = "http://proxy.internal:8082"
  bootstrap_servers = "b-1.internal:9098"
}

run "names_are_the_courses" {
  command = apply

  assert {
    condition = output.topics == {
      pin  = "0a1b2c3d4e5f.pin"
      geo  = "0a1b2c3d4e5f.geo"
      user = "0a1b2c3d4e5f.user"
    }
    error_message = "Topics must be <user_id>.pin, .geo and .user."
  }
  assert {
    condition     = module.storage.bucket == "user-0a1b2c3d4e5f-bucket"
    error_message = "The bucket must be user-<user_id>-bucket."
  }
}

run "the_sink_lands_in_confluents_layout" {
  command = apply

  assert {
    condition = alltrue([
      output.connectors.events["topics.dir"] == "topics",
      output.connectors.events["filename.offset.zero.pad.width"] == "10",
      output.connectors.events["topics"] == "0a1b2c3d4e5f.geo,0a1b2c3d4e5f.pin,0a1b2c3d4e5f.user",
    ])
    error_message = "topics/<topic>/partition=<n>/<topic>+<n>+<10 digits>.json is what the jobs read."
  }
  assert {
    condition = alltrue([
      output.connectors.events["errors.deadletterqueue.topic.name"] == "0a1b2c3d4e5f.dead-letter",
      output.connectors.dead-letters["topics"] == "0a1b2c3d4e5f.dead-letter",
    ])
    error_message = "Dead letters must go to a topic that is landed too."
  }
  assert {
    condition     = !contains(keys(output.connectors.events), "store.url")
    error_message = "On AWS the sink must use S3's own endpoint."
  }
}

run "no_output_is_secret" {
  command = apply

  assert {
    condition     = output.api_key_secret == "0a1b2c3d4e5f/api-key"
    error_message = "The outputs name the secret; they must not hold the key."
  }
}

run "a_user_id_with_capitals_is_refused" {
  command = plan

  variables {
    user_id = "Not.An.Id"
  }

  expect_failures = [var.user_id]
}

run "an_empty_object_is_refused" {
  command = plan

  variables {
    flush_size = 0
  }

  expect_failures = [var.flush_size]
}
