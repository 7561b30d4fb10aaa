"""A register under headers that no synonym knows, and the choices by which a person matches it."""

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from banzhuang.ledgers.forms import MatchForm
from banzhuang.ledgers.models import ImportBatch
from tests.factories import id_number

HEADERS = ["编号", "哪个村的", "尊姓大名", "身份号", "上任的日子", "产生途径"]
KEYS = ["", "village", "name", "id_number", "start", "selection"]


def odd_book(path, *rows, headers=HEADERS, sheets=("报来的表",)):
    """rows: (village, name) each; every sheet holds them all."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title in sheets:
        sheet = book.create_sheet(title)
        sheet.append(["各村报来的情况"])
        sheet.append(headers)
        for number, (village, name) in enumerate(rows, 1):
            sheet.append([number, village, name, id_number(number), "2019.2", "两推一选"])
    book.save(path)
    return path


def upload(client, path, kind=""):
    """→ its batch and the page that comes."""
    file = SimpleUploadedFile(path.name, path.read_bytes())
    page = client.post(reverse("imports"), {"file": file, "kind": kind}, follow=True)
    return ImportBatch.objects.latest("pk"), page.content.decode()


def choices(batch, **changes) -> dict:
    """What the form of the match sends: every header of HEADERS given its key, the header's rows as they were shown;
    `changes` by header."""
    keys = dict(zip(HEADERS, KEYS, strict=True)) | changes
    strip = batch.understanding["strip"]
    sent = {f"column_{place}": keys.get(found["header"], "") for place, found in enumerate(strip)}
    return sent | {"header": shown_rows(batch)}


def shown_rows(batch) -> str:
    return MatchForm(None, batch=batch, user=batch.owner)["header"].value()
