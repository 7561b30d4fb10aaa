"""A queue of files for where no queue server runs (Windows): kombu's own writes a message in place and reads it without
a lock, so that its reader may take an empty one and end (kombu issue 1551).

Here a message is written beside and renamed, and taken by renaming it: it is there as a whole or not at all. What a
killed reader had taken is lost; the record of work is the `Job` row, which the sweeper sends again.
"""

import logging
import os
import secrets
import time
from pathlib import Path
from queue import Empty

from kombu.exceptions import ChannelError
from kombu.transport import virtual
from kombu.utils.json import dumps, loads

log = logging.getLogger(__name__)


class Channel(virtual.Channel):
    """One folder; a message of a queue is `<time>-<random>.<queue>.msg` in it."""

    supports_fanout = False

    @property
    def folder(self) -> Path:
        return Path(self.connection.client.transport_options["folder"])

    def waiting(self, queue: str) -> list[Path]:
        """Messages of a queue, the oldest first."""
        return sorted(
            path for path in self.folder.glob("*.msg") if path.suffixes[-2:] == [f".{queue}", ".msg"]
        )

    def _put(self, queue, message, **kwargs):
        path = self.folder / f"{time.time_ns():020}-{secrets.token_hex(8)}.{queue}.msg"
        beside = path.with_suffix(".part")
        try:
            beside.write_text(dumps(message), encoding="utf-8")
            beside.replace(path)
        except OSError as fault:
            beside.unlink(missing_ok=True)
            raise ChannelError(f"cannot write a message to {self.folder}") from fault

    def _get(self, queue, **kwargs):
        for path in self.waiting(queue):
            taken = path.with_suffix(".taken")
            try:
                path.replace(taken)
                text = taken.read_text(encoding="utf-8")
                taken.unlink()
            except OSError:  # another worker was quicker, or a scanner holds it for a moment
                continue
            try:
                return loads(text)
            except ValueError:  # cut off by a full disk or a power failure
                log.warning("message %s cannot be read and is left out", path.name)
        raise Empty

    def _size(self, queue):
        return len(self.waiting(queue))

    def _purge(self, queue):
        waiting = self.waiting(queue)
        for path in waiting:
            path.unlink(missing_ok=True)
        return len(waiting)


class Transport(virtual.Transport):
    """`files://` with the transport option `folder`."""

    Channel = Channel
    global_state = virtual.BrokerState()
    default_port = 0
    driver_type = driver_name = "files"

    def __init__(self, client, **kwargs):
        super().__init__(client, **kwargs)
        self.state = self.global_state

    def driver_version(self):
        return os.name
