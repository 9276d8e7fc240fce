"""Buildkite: builds and jobs."""
