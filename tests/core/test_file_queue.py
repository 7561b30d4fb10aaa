"""The queue of files, for where no queue server runs: a message is there as a whole or not at all."""

import threading

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError, OperationalError
from kombu.transport import TRANSPORT_ALIASES


@pytest.fixture
def connect(tmp_path, monkeypatch):
    monkeypatch.setitem(TRANSPORT_ALIASES, "files", "banzhuang.core.file_queue:Transport")

    def connect(folder=tmp_path):
        return Connection("files://", transport_options={"folder": str(folder), "polling_interval": 0.01})

    return connect


def put(connection, *numbers, queue="jobs"):
    with connection.SimpleQueue(queue) as opened:
        for number in numbers:
            opened.put({"number": number})


def taken(connection, queue="jobs"):
    with connection.SimpleQueue(queue) as opened:
        numbers = []
        while True:
            try:
                message = opened.get_nowait()
            except opened.Empty:
                return numbers
            message.ack()
            numbers.append(message.payload["number"])


def test_messages_come_in_order_each_to_its_queue(connect):
    with connect() as connection:
        put(connection, 1, 2, 3)
        put(connection, 9, queue="other")
        put(connection, 4)
        assert taken(connection) == [1, 2, 3, 4]
        assert taken(connection, "other") == [9]


def test_what_is_half_written_is_not_there_and_what_is_cut_off_is_left_out(connect, tmp_path):
    with connect() as connection:
        put(connection, 1, 2)
        first, second = sorted(tmp_path.glob("*.msg"))
        first.write_text("")  # as a full disk or a power failure leaves it
        second.with_suffix(".part").write_text("{")
        assert taken(connection) == [2]
    assert [path.suffix for path in tmp_path.iterdir()] == [".part"]


def test_senders_and_readers_at_once_lose_and_double_nothing(connect):
    found, lock = [], threading.Lock()
    senders = [
        threading.Thread(target=lambda part=part: put(connect(), *range(part * 100, part * 100 + 100)))
        for part in range(4)
    ]
    done = threading.Event()

    def read():
        while True:
            last = done.is_set()
            numbers = taken(connect())
            with lock:
                found.extend(numbers)
            if last:
                return

    readers = [threading.Thread(target=read) for _ in range(3)]
    for thread in senders + readers:
        thread.start()
    for thread in senders:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    assert sorted(found) == list(range(400))


def test_a_folder_that_is_gone_is_a_fault_of_the_queue(connect, tmp_path):
    with connect(tmp_path / "gone") as connection, pytest.raises((ChannelError, OperationalError)):
        put(connection, 1)


def test_counted_and_emptied(connect):
    with connect() as connection:
        put(connection, 1, 2)
        channel = connection.default_channel
        assert channel.queue_declare("jobs", passive=True).message_count == 2
        assert channel.queue_purge("jobs") == 2
        assert taken(connection) == []
