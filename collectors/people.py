"""People as the forges name them: one spelling per forge, so that equal logins of two forges stay two people."""

from tribometer.privacy.handles import PLAIN_FORGE, handle

__all__ = ["PLAIN_FORGE", "handle"]
