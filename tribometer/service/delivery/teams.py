"""Teams: an incoming webhook, or a workflow that takes its posts, writes to one channel.

It cannot address a person, so it takes notes (see `notes`) and no invitation.
"""

from __future__ import annotations

from tribometer.service.delivery.sending import NoSender

NO_PERSON = NoSender(
    "A Teams webhook writes to a channel and cannot reach a person. Let the wave use the channel email; the webhook "
    "tells its channel to look there"
)
