"""PagerDuty: incidents, pages and on-call shifts."""
