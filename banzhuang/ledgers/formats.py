"""What an export of the admin may be written as. The form posts a format's place in FORMATS: the order stands."""

import io
import tempfile
from pathlib import Path

from django.http import FileResponse
from import_export.formats.base_formats import Format


class Workbook(Format):
    """The ledger as a workbook that can be printed, and uploaded again."""

    title = "Excel 工作簿（.xlsx）"
    extension = "xlsx"
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def get_title(self) -> str:
        return self.title

    def can_export(self) -> bool:
        return True

    def response(self, resource, rows, *, day, **asked) -> FileResponse:
        """The rows as a file to keep; `asked` as of LedgerResource.export."""
        name = f"{resource.get_display_name()}{day.isoformat()}.{self.extension}"
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, name)
            resource.export(rows, out=out, day=day, **asked)
            content = io.BytesIO(out.read_bytes())
        return FileResponse(content, as_attachment=True, filename=name, content_type=self.content_type)


class Csv(Workbook):
    """The same as text."""

    title = "文本（.csv），供其他系统读取"
    extension = "csv"
    content_type = "text/csv; charset=utf-8"


FORMATS = [Workbook, Csv]
