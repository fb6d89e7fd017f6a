"""What a person's shell may have set for other programs: none of it changes what runs offline."""

# For other programs of theirs.
HOSTILE = {
    "AWS_PROFILE": "workplace",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ENDPOINT_URL": "https://example.org",
    "AWS_ENDPOINT_URL_S3": "https://example.org",
    "AWS_ACCESS_KEY_ID": "theirs",
    "AWS_CA_BUNDLE": "/nowhere.pem",
    "AIRFLOW_HOME": "/theirs",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "sqlite:////theirs.db",
    "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
    "AIRFLOW_CONN_AWS_DEFAULT": "{}",
    "SPARK_HOME": "/opt/spark-3.5-not-there",
    "PYSPARK_SUBMIT_ARGS": "--master spark://elsewhere:7077 pyspark-shell",
    "HADOOP_CONF_DIR": "/nowhere",
    "JAVA_TOOL_OPTIONS": "-XX:NoSuchOption",
    "JDK_JAVA_OPTIONS": "-XX:NoSuchOption",
    "_JAVA_OPTIONS": "-XX:NoSuchOption",
    "CLASSPATH": "/nowhere.jar",
    "KAFKA_OPTS": "-XX:NoSuchOption",
    "LOCALSTACK_HOST": "example.org",
    "MOTO_ACCOUNT_ID": "1",
    "NODE_OPTIONS": "--require /nowhere.js",
    "PYTHONHOME": "/nowhere",
    "PYTHONSAFEPATH": "1",
    "VIRTUAL_ENV": "/theirs",
    "MAKEFLAGS": "kn",
    "TF_CLI_ARGS": "-no-such-option",
    "TF_VAR_user_id": "theirs",
}
PROXIES = {"http_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "no_proxy": "10.0.0.0/8"}
