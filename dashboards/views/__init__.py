"""One module per question a reader asks."""
