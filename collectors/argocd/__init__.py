"""Argo CD: syncs as deployments, and what its clusters run."""
