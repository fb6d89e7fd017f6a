output "estate" {
  description = "The outputs that the emulator, the connectors and the jobs read; offline, the addresses are LocalStack's."
  value = merge(module.estate, {
    invoke_url       = "${var.localstack_url}/_aws/execute-api/${module.estate.rest_api_id}/${module.estate.stage}"
    aws_endpoint_url = var.localstack_url
  })
}
