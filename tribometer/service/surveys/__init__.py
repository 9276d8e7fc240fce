"""Surveys as the service runs them: waves, forms, imports, results."""
