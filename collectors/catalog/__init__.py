"""The catalog as a file: services, teams and who owns what."""
