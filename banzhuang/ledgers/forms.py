"""The upload: one file, and what it is when the finder should not guess."""

from django import forms

from .ledger import registry
from .plan import may_import

LARGEST = 20 * 1024 * 1024


class UploadForm(forms.Form):
    file = forms.FileField(
        label="台账文件",
        help_text="原来的台账直接上传，不用改成模板：.xlsx .xls .et .ods .csv，不超过 20 MB。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xlsm,.xls,.et,.ods,.csv"}),
        error_messages={"required": "先选一个台账文件。", "empty": "这个文件是空的，换一个。"},
    )
    kind = forms.ChoiceField(label="台账种类", required=False, help_text="不选时由系统辨认。")

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        kinds = [(ledger.kind, ledger.label) for ledger in registry if may_import(user, ledger)]
        self.fields["kind"].choices = [("", "自动辨认"), *kinds]

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(
                f"文件有 {file.size / 1024 / 1024:.0f} MB，超过 20 MB。删去不用的工作表再上传。"
            )
        return file
