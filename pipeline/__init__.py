"""What every part of the pipeline shares: the entities, the settings, the estate's names and the way to talk to a person."""
