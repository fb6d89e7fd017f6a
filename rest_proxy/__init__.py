"""Kafka REST v2 (produce, topics, health): the part of Confluent's REST proxy that producers use.

HTTP request -> records -> room in memory -> librdkafka -> Kafka's acknowledgement of each record -> HTTP answer
"""
