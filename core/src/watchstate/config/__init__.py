"""`servers.yaml` and the WS_* settings."""
