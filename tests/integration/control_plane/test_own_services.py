"""The services that are the control plane's own: MSK, MSK Connect, Managed Airflow."""

from tests.integration.control_plane.conftest import BROKER, code_of


def test_kafka(client, network):
    kafka = client("kafka")
    configuration = kafka.create_configuration(
        Name="conf", KafkaVersions=["3.9.x.kraft"], ServerProperties=b"num.partitions=3"
    )
    told = kafka.describe_configuration_revision(Arn=configuration["Arn"], Revision=1)
    assert told["ServerProperties"] == b"num.partitions=3"
    nodes = {"InstanceType": "kafka.t3.small", "ClientSubnets": network["subnets"], "SecurityGroups": []}
    arn = kafka.create_cluster(
        ClusterName="pins",
        KafkaVersion="3.9.x.kraft",
        NumberOfBrokerNodes=2,
        BrokerNodeGroupInfo=nodes,
        ClientAuthentication={"Sasl": {"Iam": {"Enabled": True}}},
        ConfigurationInfo={"Arn": configuration["Arn"], "Revision": 1},
        Tags={"a": "b"},
    )["ClusterArn"]

    cluster = kafka.describe_cluster(ClusterArn=arn)["ClusterInfo"]
    assert (cluster["State"], cluster["Tags"], cluster["NumberOfBrokerNodes"]) == ("ACTIVE", {"a": "b"}, 2)
    assert cluster["CurrentBrokerSoftwareInfo"] == {
        "ConfigurationArn": configuration["Arn"],
        "ConfigurationRevision": 1,
        "KafkaVersion": "3.9.x.kraft",
    }
    assert cluster["CreationTime"].tzinfo is not None
    assert kafka.get_bootstrap_brokers(ClusterArn=arn)["BootstrapBrokerStringSaslIam"] == BROKER
    update = kafka.update_broker_count(
        ClusterArn=arn, CurrentVersion=cluster["CurrentVersion"], TargetNumberOfBrokerNodes=4
    )
    operation = kafka.describe_cluster_operation(ClusterOperationArn=update["ClusterOperationArn"])
    assert operation["ClusterOperationInfo"]["OperationState"] == "UPDATE_COMPLETE"
    assert kafka.describe_cluster_v2(ClusterArn=arn)["ClusterInfo"]["Provisioned"]["NumberOfBrokerNodes"] == 4

    kafka.delete_cluster(ClusterArn=arn)
    assert code_of(kafka.describe_cluster, ClusterArn=arn) == "NotFoundException"
    kafka.delete_configuration(Arn=configuration["Arn"])
    assert code_of(kafka.describe_configuration, Arn=configuration["Arn"]) == "BadRequestException"


def test_kafkaconnect(client):
    connect = client("kafkaconnect")
    location = {"s3Location": {"bucketArn": "arn:aws:s3:::bucket", "fileKey": "sink.zip"}}
    plugin = connect.create_custom_plugin(name="plugin", contentType="ZIP", location=location)["customPluginArn"]
    worker = connect.create_worker_configuration(name="worker", propertiesFileContent="YQ==")
    asked = {
        "capacity": {"provisionedCapacity": {"mcuCount": 1, "workerCount": 1}},
        "connectorConfiguration": {"connector.class": "S3Sink", "topics": "pin"},
        "kafkaCluster": {
            "apacheKafkaCluster": {"bootstrapServers": BROKER, "vpc": {"subnets": ["s"], "securityGroups": ["g"]}}
        },
        "kafkaClusterClientAuthentication": {"authenticationType": "IAM"},
        "kafkaClusterEncryptionInTransit": {"encryptionType": "TLS"},
        "kafkaConnectVersion": "3.7.x",
        "logDelivery": {"workerLogDelivery": {"cloudWatchLogs": {"enabled": True, "logGroup": "logs"}}},
        "plugins": [{"customPlugin": {"customPluginArn": plugin, "revision": 1}}],
        "serviceExecutionRoleArn": "arn:aws:iam::000000000000:role/connect",
        "workerConfiguration": {"workerConfigurationArn": worker["workerConfigurationArn"], "revision": 1},
    }
    arn = connect.create_connector(connectorName="sink", **asked, tags={"a": "b"})["connectorArn"]

    told = connect.describe_connector(connectorArn=arn)
    assert {name: told[name] for name in asked} == asked
    assert (told["connectorState"], connect.list_tags_for_resource(resourceArn=arn)["tags"]) == ("RUNNING", {"a": "b"})
    assert code_of(connect.create_connector, connectorName="sink", **asked) == "ConflictException"
    changed = {"connector.class": "S3Sink", "topics": "geo"}
    connect.update_connector(connectorArn=arn, currentVersion=told["currentVersion"], connectorConfiguration=changed)
    assert connect.describe_connector(connectorArn=arn)["connectorConfiguration"] == changed
    connect.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert connect.list_tags_for_resource(resourceArn=arn)["tags"] == {}

    connect.delete_connector(connectorArn=arn)
    connect.delete_custom_plugin(customPluginArn=plugin)
    assert code_of(connect.describe_connector, connectorArn=arn) == "NotFoundException"
    assert code_of(connect.describe_custom_plugin, customPluginArn=plugin) == "NotFoundException"


def test_mwaa(client, network):
    mwaa = client("mwaa")
    where = {"SubnetIds": network["subnets"], "SecurityGroupIds": [network["group"]]}
    arn = mwaa.create_environment(
        Name="flow",
        DagS3Path="dags",
        ExecutionRoleArn="arn:aws:iam::000000000000:role/airflow",
        NetworkConfiguration=where,
        SourceBucketArn="arn:aws:s3:::bucket",
        Tags={"a": "b"},
    )["Arn"]

    told = mwaa.get_environment(Name="flow")["Environment"]
    assert (told["Arn"], told["Status"], told["NetworkConfiguration"]) == (arn, "AVAILABLE", where)
    assert told["LastUpdate"]["Status"] == "SUCCESS"
    mwaa.update_environment(Name="flow", MaxWorkers=7)
    mwaa.tag_resource(ResourceArn=arn, Tags={"c": "d"})
    told = mwaa.get_environment(Name="flow")["Environment"]
    assert (told["MaxWorkers"], told["Tags"]) == (7, {"a": "b", "c": "d"})

    mwaa.delete_environment(Name="flow")
    assert "flow" not in mwaa.list_environments()["Environments"]
    assert code_of(mwaa.get_environment, Name="flow") == "ResourceNotFoundException"
