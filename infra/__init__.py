"""Makes the estate with Terraform, offline or in an AWS account: plan, apply, destroy, outputs, and what it costs."""
