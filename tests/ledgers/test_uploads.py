"""Uploaded files: kept encrypted for a day, out of everybody's way, and gone when nobody needs them."""

import datetime
import os
import stat

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from banzhuang.ledgers import uploads
from banzhuang.ledgers.choosing import Chosen
from banzhuang.ledgers.grid import Refused
from banzhuang.ledgers.models import ImportBatch
from banzhuang.ledgers.receiving import take_in
from banzhuang.ledgers.staging import commit, discard, expire
from tests.factories import id_number

from .secretaries_book import person, register

DAY = datetime.date(2026, 6, 30)

pytestmark = pytest.mark.django_db


@pytest.fixture
def uploaded(villages, organisation_office, tmp_path, django_capture_on_commit_callbacks):
    """uploaded(row, …) → the staged batch of a register of these rows, and the bytes of the file."""

    def uploading(*rows):
        content = register(tmp_path / "书记.xlsx", rows or [person(1, village="乌有村")]).read_bytes()
        with django_capture_on_commit_callbacks(execute=True):
            return take_in(organisation_office, "书记.xlsx", content, Chosen(), DAY), content

    return uploading


def test_kept_encrypted_outside_the_web_root_readable_by_the_portal_alone(uploaded):
    batch, content = uploaded()
    path = uploads.path_of(batch)
    assert path.parent == settings.DATA_DIR / "uploads"
    assert settings.MEDIA_ROOT not in path.parents
    kept = path.read_bytes()
    assert content[:40] not in kept and id_number(1).encode() not in kept and b"PK" not in kept[:8]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "书记" not in path.name


def test_opened_as_it_was_and_the_copy_is_gone_afterwards(uploaded):
    batch, content = uploaded()
    with uploads.opened(batch) as copy:
        assert copy.read_bytes() == content
    assert not copy.exists()


@pytest.mark.parametrize("end", ["discarded", "expired", "day old", "undone"])
def test_gone_when_nobody_needs_it_any_more(uploaded, client, end, django_capture_on_commit_callbacks):
    batch, _ = uploaded(person(1), person(2, village="乌有村"))
    path = uploads.path_of(batch)
    with django_capture_on_commit_callbacks(execute=True):
        if end == "discarded":
            discard(batch)
        elif end == "expired":
            expire(timezone.now() + datetime.timedelta(hours=25))
        else:
            commit(batch, DAY)
            assert path.exists()
            if end == "day old":
                expire(timezone.now() + datetime.timedelta(hours=25))
            else:
                client.force_login(batch.owner)
                client.post(reverse("import_undo", args=[batch.pk]))
    assert not path.exists()
    batch.refresh_from_db()
    assert (batch.upload, batch.findings) == ("", "")
    with pytest.raises(Refused, match="只保存一天"):
        uploads.path_of(batch)


def test_the_sweep_takes_what_no_batch_knows_and_leaves_the_rest(uploaded):
    batch, _ = uploaded()
    orphan, fresh = uploads.FOLDER.path / "nobodys", uploads.FOLDER.path / "half-written"
    for path in (orphan, fresh):
        path.write_bytes(b"x")
    old = (timezone.now() - datetime.timedelta(days=2)).timestamp()
    os.utime(orphan, (old, old))
    os.utime(uploads.path_of(batch), (old, old))
    expire(timezone.now())
    assert (orphan.exists(), fresh.exists()) == (False, True)
    assert uploads.path_of(batch).exists()
    fresh.unlink()


def test_a_discard_that_is_rolled_back_keeps_the_file(uploaded):
    batch, _ = uploaded()
    with pytest.raises(RuntimeError), transaction.atomic():
        discard(batch)
        raise RuntimeError
    batch.refresh_from_db()
    assert uploads.path_of(batch).exists()


def test_a_full_disk_is_one_sentence_and_no_batch(organisation_office, monkeypatch, villages, tmp_path):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("banzhuang.core.private_files.os.replace", full)
    content = register(tmp_path / "书记.xlsx", [person(1)]).read_bytes()
    monkeypatch.setattr("banzhuang.ledgers.receiving.IN_REQUEST_BYTES", 0)
    with pytest.raises(Refused, match="磁盘已满"):
        take_in(organisation_office, "书记.xlsx", content, Chosen(), DAY)
    assert not ImportBatch.objects.exists()


def test_what_is_refused_leaves_no_file(organisation_office, villages):
    before = set(uploads.FOLDER.path.glob("*")) if uploads.FOLDER.path.is_dir() else set()
    for content, chosen in [
        (b"<html></html>", Chosen()),
        ("姓名,职务\n甲,乙\n".encode(), Chosen("households")),
    ]:
        with pytest.raises(Refused):
            take_in(organisation_office, "名单.csv", content, chosen, DAY)
    assert set(uploads.FOLDER.path.glob("*")) == before
    assert not ImportBatch.objects.exists()
