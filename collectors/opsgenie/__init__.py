"""Opsgenie: alerts, incidents and on-call shifts."""
