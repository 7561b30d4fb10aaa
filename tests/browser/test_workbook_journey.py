"""The monthly workbook by page: asked for, made while one may leave, downloaded, opened."""

import re

import openpyxl
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.django_db(transaction=True)


def test_made_downloaded_and_opened(sign_in, worker, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    office = sign_in("organisation")
    office.goto("/reports/")
    office.get_by_label("月份").select_option("2026年6月")
    office.get_by_role("button", name="生成工作簿").click()
    expect(office.get_by_text("可以离开")).to_be_visible()
    assert worker().state == "done"
    expect(office.get_by_text("已完成。")).to_be_visible()
    office.locator("main a.btn-primary").click()
    expect(office.get_by_role("heading", level=1)).to_contain_text("月报")
    with office.expect_download() as download:
        office.get_by_role("link", name="下载工作簿").click()
    assert re.search(r"2026年6月.*\.xlsx$", download.value.suggested_filename)
    download.value.save_as(tmp_path / "月报.xlsx")
    book = openpyxl.load_workbook(tmp_path / "月报.xlsx", data_only=True)
    rows = {row[1]: row[2:5] for row in book["M1 选准带头人"].iter_rows(values_only=True)}
    assert rows["在任书记"] == ("人", 5, "／")
    assert rows["本年调整书记"] == ("人", 0, 1)
