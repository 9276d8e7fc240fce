"""Interventions: registered before their release, and judged by the numbers behind it."""
