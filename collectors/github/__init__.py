"""GitHub: cloud and Enterprise Server."""
