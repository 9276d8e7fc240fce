"""Buildbot: builds as runs, steps as jobs."""
