"""The offline stack: sets the machine up, starts and stops the real servers, applies the estate to LocalStack."""
