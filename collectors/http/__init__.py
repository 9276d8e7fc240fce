"""The one polite way of asking servers, their paging, and collections kept as files."""
