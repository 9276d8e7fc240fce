"""Tribometer: measures where friction sits in software delivery, and what it costs."""

__version__ = "0.1.0"
