#!/bin/bash
# The one of Kafka's tools that it is called as. It knows the cluster and its authentication: PROFILE sets KAFKA_HOME,
# CLASSPATH and BOOTSTRAP_SERVERS. The instance has it, and the image docker/kafka-client.
. "${PROFILE:-/etc/profile.d/kafka.sh}" || exit
case ${0##*/} in
  kafka-topics.sh) class=TopicCommand option=--command-config ;;
  kafka-consumer-groups.sh) class=consumer.group.ConsumerGroupCommand option=--command-config ;;
  kafka-console-producer.sh) class=ConsoleProducer option=--producer.config ;;
  kafka-console-consumer.sh) class=consumer.ConsoleConsumer option=--consumer.config ;;
esac
exec java -Xmx256m -Dlog4j2.configurationFile="$KAFKA_HOME/config/log4j2.xml" -cp "$CLASSPATH" \
  "org.apache.kafka.tools.$class" --bootstrap-server "$BOOTSTRAP_SERVERS" \
  "$option" "${CLIENT_PROPERTIES:-$KAFKA_HOME/config/client.properties}" "$@"
