"""Every target of the project measured beside its baseline, in one run, on one machine: `make bench`."""
