"""What every part of the pipeline shares: the entities, the settings, the estate, and errors a person can act on."""
