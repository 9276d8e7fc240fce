"""Alembic's folder: `env` is what it runs, `versions` what it applies in order."""
