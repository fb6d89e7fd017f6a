"""The offline AWS control plane: moto, and beside it MSK, MSK Connect and MWAA (see README.md)."""
