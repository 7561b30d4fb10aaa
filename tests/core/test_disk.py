"""A disk that fills: it is said in time, files stop, entries go on; and when it is full that is a sentence."""

import errno

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.db.utils import ConnectionHandler
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from banzhuang.core import disk, jobs
from banzhuang.core.disk import Disk, NoRoom
from banzhuang.core.models import Job, ParameterValue
from banzhuang.core.photo_field import NO_PHOTOS, PhotosField, Sent
from banzhuang.core.private_files import PrivateFolder
from tests.core.pictures import photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled(monkeypatch):
    """filled(percent): so full is the disk from now on."""
    return lambda percent: monkeypatch.setattr(disk, "look", lambda: Disk(percent, 100 - percent))


@given(used=st.integers(0, 10**15), free=st.integers(0, 10**15))
def test_percent_is_whole_and_never_all_while_there_is_room(used, free):
    percent = Disk(used, free).percent
    assert 0 <= percent <= 100 and (percent < 100 or not free)


@pytest.mark.parametrize(
    ("percent", "near", "full"), [(84, False, False), (85, True, False), (94, True, False), (95, True, True)]
)
def test_near_at_85_and_full_at_95(percent, near, full):
    found = Disk(percent, 100 - percent)
    assert (found.near, found.full) == (near, full)


def test_the_limits_can_be_set():
    ParameterValue.objects.create(key=disk.FULL.key, value="80", valid_from="2026-01-01")
    assert Disk(80, 20).full and not Disk(79, 21).full


def test_no_file_is_written_when_it_is_full(filled):
    filled(94)
    folder = PrivateFolder("tests-of-the-disk")
    folder.remove(folder.keep(b"x"))
    default_storage.delete(default_storage.save("tests-of-the-disk.txt", ContentFile(b"x")))
    filled(95)
    for write in (lambda: folder.keep(b"x"), lambda: default_storage.save("x.txt", ContentFile(b"x"))):
        with pytest.raises(NoRoom, match="磁盘空间不足"):
            write()
    assert list(folder.path.iterdir()) == []


def test_an_upload_is_refused_in_words_and_an_entry_is_not(filled, client, organisation_office, villages):
    client.force_login(organisation_office)
    filled(95)
    file = SimpleUploadedFile("书记.csv", "村名,姓名\n班庄村,徐明亮".encode())
    page = client.post(reverse("imports"), {"file": file, "kind": ""})
    assert (page.status_code, disk.SENTENCE in page.content.decode()) == (422, True)
    assert client.post(reverse("logout")).status_code == 302


def test_a_photo_is_refused_at_its_field_and_what_waits_goes_on(filled):
    field = PhotosField(required=False)
    filled(95)
    with pytest.raises(Exception, match=NO_PHOTOS):
        field.clean(Sent([], [photo()]))
    assert field.clean(Sent([], [])) == []


def test_a_job_that_finds_no_room_says_so(leader, monkeypatch):
    def fail(job):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(jobs.KINDS, "tests.full", ("试做一件事", fail))
    row = Job.objects.create(kind="tests.full", title="试做一件事", owner=leader)
    jobs.run(row.pk)
    row.refresh_from_db()
    assert (row.state, row.error) == (Job.State.FAILED, disk.SENTENCE)


def test_a_database_that_may_not_grow_any_more(tmp_path):
    """The real fault, not one made up."""
    other = ConnectionHandler(
        {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "x")}}
    )
    with other["default"].cursor() as cursor:
        cursor.execute("CREATE TABLE village (name TEXT)")
        cursor.execute("PRAGMA max_page_count = 3")
        with pytest.raises(OperationalError) as fault:
            cursor.executemany("INSERT INTO village VALUES (%s)", [("西响石" * 1000,)] * 10)
    other["default"].close()
    assert disk.is_full(fault.value)


@pytest.mark.parametrize(
    ("fault", "full"),
    [
        (OSError(errno.ENOSPC, "x"), True),
        (OSError(errno.EDQUOT, "x"), True),
        (OSError(errno.EACCES, "x"), False),
        (NoRoom(), True),
        (OperationalError("database is locked"), False),
        (ValueError("disk is full"), False),
    ],
)
def test_what_is_a_full_disk(fault, full):
    assert disk.is_full(fault) is full


def test_postgresql_says_it_by_its_code():
    fault, cause = OperationalError("could not extend file"), Exception()
    cause.sqlstate = "53100"
    fault.__cause__ = cause
    assert disk.is_full(fault)


@pytest.mark.parametrize(
    ("fault", "said"),
    [(OperationalError("database or disk is full"), disk.NOT_SAVED), (NoRoom(), disk.SENTENCE)],
)
def test_a_page_that_finds_no_room_says_so(leader, monkeypatch, fault, said):
    def fail(*args, **kwargs):
        raise fault

    client = Client(raise_request_exception=False)
    client.force_login(leader)
    monkeypatch.setattr("banzhuang.dashboards.views.news_of", fail)
    page = client.get("/")
    assert (page.status_code, said in page.content.decode()) == (507, True)


def test_also_when_it_is_the_session_that_finds_no_room(leader, monkeypatch, settings):
    """Saved when the page is made already: no middleware of ours sees it."""
    client = Client(raise_request_exception=False)
    client.force_login(leader)
    settings.SESSION_SAVE_EVERY_REQUEST = True

    def fail(*args, **kwargs):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.save", fail)
    page = client.get("/")
    assert (page.status_code, disk.NOT_SAVED in page.content.decode()) == (507, True)
