"""How a production estate differs from a small one: every value of their plans."""

import re

from tests.terraform.plans import plans

EXPECTED = {
    ("airflow.aws_mwaa_environment.this.environment_class", "mw1.micro", "mw1.small"),
    ("airflow.aws_mwaa_environment.this.max_workers", 1, 5),
    ("database.aws_db_instance.this.allocated_storage", 20, 100),
    ("database.aws_db_instance.this.instance_class", "db.t4g.micro", "db.m7g.large"),
    ("database.aws_db_instance.this.multi_az", False, True),
    ("kafka_rest.aws_appautoscaling_target.tasks.max_capacity", 2, 8),
    ("kafka_rest.aws_appautoscaling_target.tasks.min_capacity", 1, 2),
    ("kafka_rest.aws_ecs_service.this.desired_count", 1, 2),
    ("kafka_rest.aws_ecs_task_definition.this.cpu", "512", "1024"),
    ("kafka_rest.aws_ecs_task_definition.this.memory", "1024", "2048"),
    ("msk.aws_appautoscaling_target.storage.max_capacity", 200, 2000),
    ("msk.aws_msk_cluster.this.broker_node_group_info.storage_info.ebs_storage_info.volume_size", 20, 250),
    ("msk_connect.aws_mskconnect_connector.this.capacity.autoscaling.max_worker_count", 2, 4),
    ("msk_connect.aws_mskconnect_connector.this.capacity.autoscaling.mcu_count", 1, 2),
    ("network.aws_vpc_endpoint.interface.subnet_ids", "subnet-a", "subnet-a subnet-b subnet-c"),
    ("spark.aws_emrserverless_application.this.maximum_capacity.cpu", "16 vCPU", "64 vCPU"),
    ("spark.aws_emrserverless_application.this.maximum_capacity.disk", "320 GB", "1280 GB"),
    ("spark.aws_emrserverless_application.this.maximum_capacity.memory", "64 GB", "256 GB"),
}


def test_the_sizes_differ_only_in_this(terraform):
    small, production = (known(plan) for plan in plans(terraform, "sizes").values())
    assert small.keys() == production.keys()
    found = {(without_keys(name), small[name], production[name]) for name in small if small[name] != production[name]}
    assert found == EXPECTED


def known(plan):
    """Values by address and path, without subnets, whose values are mocked."""
    return {f"{at}.{path}": value for (at, path), value in plan.items() if ".aws_subnet." not in at}


def without_keys(name):
    """The name without instance keys and block indexes."""
    return re.sub(r'\["[^"]*"\]|\.\[\d+\]|^module\.', "", name)
