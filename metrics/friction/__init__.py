"""Friction ranked by what it costs, with the uncertainty of that order, next to what people say."""
