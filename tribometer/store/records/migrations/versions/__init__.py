"""One module per revision. A released one never changes; a further one goes forward from it."""
