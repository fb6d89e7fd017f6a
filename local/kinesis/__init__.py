"""Kinesis offline, in a server of its own: `calls` are what a stream does, moto remembers what else is said of it."""
