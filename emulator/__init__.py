"""Rows of the three source tables become events and go to the API, as a user of the site would send them.

source (generator, database, files) -> order -> lanes of batches -> door (Kafka REST, Kinesis) -> acknowledged

"""
