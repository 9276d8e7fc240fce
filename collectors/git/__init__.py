"""git: commits and release tags of a repository."""
