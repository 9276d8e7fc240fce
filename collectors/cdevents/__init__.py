"""CDEvents: what is pushed as CloudEvents."""
