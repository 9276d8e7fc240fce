"""Deliveries of webhooks: verified over their raw bytes, then parsed as pull does."""
