"""The weekly digest: made once from the numbers, told by e-mail, in Slack and in a terminal."""
