"""What the collectors of GitHub, GitLab and Gitea share."""
