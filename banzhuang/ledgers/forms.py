"""Forms of the import: the upload, the history's filter, and the match by hand."""

import re

from django import forms
from django.db.models import Q

from banzhuang.core import disk
from banzhuang.core.text import compact

from .choosing import Chosen
from .grid import column_letters
from .header import DEEPEST
from .ledger import registry
from .models import ImportBatch
from .plan import may_import

LARGEST = 20 * 1024 * 1024
ROWS = re.compile(r"第?([1-9][0-9]{0,5})(?:行?[-~—–至到、,]第?([1-9][0-9]{0,5}))?行?")


class DropInput(forms.FileInput):
    """The browser's own button speaks the browser's language: a place to drop on, in portal and admin alike."""

    template_name = "components/drop.html"


class UploadForm(forms.Form):
    file = forms.FileField(
        label="台账文件",
        help_text="原来的台账直接上传，不用改成模板：.xlsx .xls .et .ods .csv，不超过 20 MB。",
        widget=DropInput(attrs={"accept": ".xlsx,.xlsm,.xls,.et,.ods,.csv"}),
        error_messages={"required": "先选一个台账文件。", "empty": "这个文件是空的，换一个。"},
    )
    kind = forms.ChoiceField(label="台账种类", required=False, help_text="不选时由系统辨认。")

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "自动辨认"), *kinds_of(user)]

    def clean_file(self):
        file = self.cleaned_data["file"]
        if disk.look().full:
            raise forms.ValidationError(disk.SENTENCE)
        if file.size > LARGEST:
            raise forms.ValidationError(
                f"文件有 {file.size / 1024 / 1024:.0f} MB，超过 20 MB。删去不用的工作表再上传。"
            )
        return file


class HistoryForm(forms.Form):
    """What of one's own batches the history shows; what nobody offers is no filter."""

    STATES = (
        ("waiting", "待处理", Q(state__in=ImportBatch.WAITING)),
        ("committed", "已提交", Q(state=ImportBatch.State.COMMITTED)),
        ("undone", "已撤销", Q(state=ImportBatch.State.UNDONE)),
        ("ended", "未写入", Q(state__in=["failed", "discarded", "expired"])),
    )

    state = forms.ChoiceField(label="状态", required=False, widget=forms.Select({"class": "form-select"}))
    kind = forms.ChoiceField(label="台账", required=False, widget=forms.Select({"class": "form-select"}))

    def __init__(self, data, *, user):
        super().__init__(data)
        self.fields["state"].choices = [("", "全部"), *((key, label) for key, label, _ in self.STATES)]
        self.fields["kind"].choices = [("", "全部"), *kinds_of(user)]
        self.is_valid()

    @property
    def wishes(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if value}

    def narrowed(self, batches):
        for key, _, condition in self.STATES:
            if key == self.wishes.get("state"):
                batches = batches.filter(condition)
        kind = self.wishes.get("kind")
        return batches.filter(kind=kind) if kind else batches


class MatchForm(forms.Form):
    """Kind, sheets, rows of the header, and for every header of the file what it is; `chosen` when valid.

    Of a batch whose kind is not known yet the columns are not asked; another kind or other rows make them new.
    """

    kind = forms.ChoiceField(label="台账种类")
    sheets = forms.MultipleChoiceField(
        label="读哪些工作表", required=False, widget=forms.CheckboxSelectMultiple
    )
    header = forms.CharField(
        label="表头在第几行",
        required=False,
        help_text="两三行的写首尾，如 3-4；不填由系统辨认。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data, *, batch, user):
        super().__init__(data)
        self.ledger, self.strip = registry.get(batch.kind), batch.understanding["strip"]
        self.fields["kind"].choices = [("", "选一种"), *kinds_of(user)]
        self.fields["kind"].initial = batch.kind
        every = batch.understanding["all_sheets"]
        self.fields["sheets"].choices = [
            (sheet["name"], f"{sheet['name']}（隐藏）" if sheet["hidden"] else sheet["name"])
            for sheet in every
        ]
        read = [sheet["name"] for sheet in every if sheet["read"]]
        self.fields["sheets"].initial = read or [sheet["name"] for sheet in every if not sheet["hidden"]]
        if len(every) < 2:
            del self.fields["sheets"]
        self.said_before = tuple(batch.chosen.get("header", ()))
        found = batch.understanding.get("header_rows", {}).values()  # of each sheet
        self.rows = self.said_before or next(((rows[0], rows[-1]) for rows in found), ())
        self.fields["header"].initial = "-".join(map(str, dict.fromkeys(self.rows)))
        choices = [("", "不导入"), *((column.key, column.label) for column in self.columns)]
        for place, found in enumerate(self.strip if self.ledger else []):
            label = f"{column_letters(found['index'])} {found['header']}"
            field = forms.ChoiceField(label=label, choices=choices, required=False, initial=found["key"])
            self.fields[f"column_{place}"] = field

    @property
    def columns(self):
        return self.ledger.columns if self.ledger else ()

    def cells(self, strip: list[dict]) -> list[dict]:
        """The cells of the column strip with their choices."""
        fields = [self[f"column_{place}"] if self.ledger else None for place in range(len(strip))]
        return [cell | {"field": field} for cell, field in zip(strip, fields, strict=True)]

    def clean_header(self) -> tuple[int, ...]:
        """The first and the last row, () for what the system finds."""
        text = compact(self.cleaned_data["header"])
        rows = ROWS.fullmatch(text)
        if text and not rows:
            raise forms.ValidationError("写行号：一行的写 3，两三行的写首尾，如 3-4。")
        if not rows:
            return ()
        first, last = int(rows[1]), int(rows[2] or rows[1])
        if not first <= last < first + DEEPEST:
            raise forms.ValidationError("表头最多三行，首行在前，如 3-4。")
        return first, last

    def clean(self):
        cleaned = super().clean()
        if not self.errors and self.asks_for_columns:
            said = self.said()
            self.refuse_twice(said)
            self.refuse_missing(set(said))
        return cleaned

    @property
    def asks_for_columns(self) -> bool:
        same = self.ledger is not None and self.cleaned_data.get("kind") == self.ledger.kind
        return same and self.cleaned_data["header"] == self.rows

    def said(self) -> dict[str, list[int]]:
        """Key → the places of the headers that were given to it."""
        found: dict[str, list[int]] = {}
        for place in range(len(self.strip)):
            if key := self.cleaned_data[f"column_{place}"]:
                found.setdefault(key, []).append(place)
        return found

    def refuse_twice(self, said: dict[str, list[int]]) -> None:
        spread = self.ledger.spread.value if self.ledger.spread else None
        for key, places in said.items():
            headers = {self.strip[place]["header"] for place in places}
            if len(headers) > 1 and key != spread:
                label = self.ledger.column(key).label
                named = "、".join(self[f"column_{place}"].label for place in places)
                self.add_error(
                    f"column_{places[-1]}", f"“{label}”选了不止一列（{named}），留一列，其余选“不导入”。"
                )

    def refuse_missing(self, said: set[str]) -> None:
        said |= {column.read_as for column in self.columns if column.key in said and column.read_as}
        if self.ledger.spread:
            said.add(self.ledger.spread.over)
        missing = [
            column.label
            for column in self.columns
            if column.required and not column.around and column.key not in said
        ]
        if missing:
            names = "”、“".join(missing)
            self.add_error(None, f"还没有哪一列是“{names}”。给它选一列；表里没有的，先在 Excel 里补上。")

    @property
    def chosen(self) -> Chosen:
        columns = {}
        if self.asks_for_columns:
            for place, found in enumerate(self.strip):
                header = found["header"]  # may stand over two columns
                columns[header] = columns.get(header) or self.cleaned_data[f"column_{place}"] or None
        sheets, header = tuple(self.cleaned_data.get("sheets", ())), self.cleaned_data["header"]
        said = header if self.said_before or header != self.rows else ()
        return Chosen(self.cleaned_data["kind"], sheets, columns, remember=True, header=said)


def kinds_of(user) -> list[tuple[str, str]]:
    return [(ledger.kind, ledger.label) for ledger in registry if may_import(user, ledger)]
