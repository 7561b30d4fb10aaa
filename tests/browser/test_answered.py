"""A browser test ends when the live server has answered all it was asked, and not before."""

import threading
import time
import urllib.request

from banzhuang.core import errors


def test_the_end_waits_for_the_last_answer(answered, live_server, monkeypatch, transactional_db):
    taken, done = threading.Event(), threading.Event()

    def slow():
        taken.set()
        time.sleep(0.4)
        done.set()
        return {"database": True, "sound": True}

    monkeypatch.setattr(errors.health, "state", slow)
    asking = threading.Thread(target=urllib.request.urlopen, args=[f"{live_server.url}/healthz"])
    asking.start()
    assert taken.wait(5)
    assert not done.is_set()
    answered.wait()
    assert done.is_set()
    asking.join()
