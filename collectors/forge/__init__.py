"""What the collectors of GitLab and Gitea share."""
