"""What the collectors of CI servers share."""
