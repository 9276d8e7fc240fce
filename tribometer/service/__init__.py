"""The composition root: command line, HTTP, schedule. The only part that looks at every other."""
