"""Hostile and broken files: each is read, or refused with one Chinese sentence, within the limits, and never a 500."""

import re
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from banzhuang.ledgers.header import recognise
from banzhuang.ledgers.models import ImportBatch
from banzhuang.ledgers.reader import Refused, read_workbook

from .columns import LEDGERS
from .nasty import EITHER, READ, REFUSED

SECONDS = 15  # far above what any of them takes: a hang is what this is for
MAKERS = {**READ, **REFUSED, **EITHER}
UPLOADED = (
    "表名.xlsx 外部链接.xlsx 公式注入.csv 地址越界.xlsx 扇区成环.xls 炸弹.xlsx 加密.xlsx 网页.xls 空.xlsx 谎报字符串.xlsx"
).split()


def outcome(path) -> str:
    """ "" when it was read, else the sentence."""
    try:
        workbook = read_workbook(path, path.name)
    except Refused as refused:
        return str(refused)
    assert workbook.sheets
    recognise(workbook, LEDGERS, path.name)
    return ""


@pytest.mark.parametrize("name", MAKERS)
def test_read_or_refused(tmp_path, name):
    path = MAKERS[name](tmp_path / name)
    started = time.monotonic()
    sentence = outcome(path)
    assert time.monotonic() - started < SECONDS
    if name not in EITHER:
        assert bool(sentence) is (name in REFUSED)
    if sentence:
        assert re.fullmatch(r"[^。]*[\u4e00-\u9fff][^。]*。", sentence)


def test_what_was_harmless_is_read_rightly(tmp_path):
    def sheets(name):
        return read_workbook(READ[name](tmp_path / name), name).sheets

    assert sheets("范围写小.xlsx")[0].value(1, 1) == "王海英"
    assert sheets("公式注入.csv")[0].value(1, 1) == "=cmd|' /C calc'!A0", "text, as it stands"
    assert [len(sheet.rows) for sheet in sheets("空白重复.ods")] == [2]
    assert sheets("表名.xlsx")[0].name == "<script>alert(1)</script>"


@pytest.mark.django_db
@pytest.mark.parametrize("name", UPLOADED)
def test_uploaded_it_is_no_fault_of_the_server(client, organisation_office, villages, tmp_path, name):
    client.force_login(organisation_office)
    content = MAKERS[name](tmp_path / name).read_bytes()
    answer = client.post(
        reverse("imports"), {"file": SimpleUploadedFile(name, content), "kind": ""}, follow=True
    )
    assert answer.status_code in {200, 422}
    page = answer.content.decode()
    assert "Traceback" not in page
    assert "<script>alert" not in page
    assert ImportBatch.objects.filter(state=ImportBatch.State.STAGED).exists() is (name in READ)
