"""How invitations reach people: e-mail, Slack, notes to chat channels, or a file of links; nothing goes out twice."""

from tribometer.service.delivery.links_file import LinkRow, write_links
from tribometer.service.delivery.making import note_of, outbox_of, reaching
from tribometer.service.delivery.notes import Posted, announce
from tribometer.service.delivery.outbox import Outbox, Sent

__all__ = ["LinkRow", "Outbox", "Posted", "Sent", "announce", "note_of", "outbox_of", "reaching", "write_links"]
