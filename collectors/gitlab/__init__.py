"""GitLab: cloud and self-managed."""
