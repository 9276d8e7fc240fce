"""SCIM 2.0: people and their teams."""
