"""Tables of the admin that have a ledger: 导入, 导出 and 导出所选, on pages of django-import-export.

An import is staged as on the portal's page and looked over there: one engine, one preview, and nothing that waits
here for anybody to confirm. So the package's own preview and its address `process_import/` are left out.
"""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from import_export.admin import ImportExportMixin
from import_export.forms import ExportForm

from banzhuang.accounts.reveal import LEAST
from banzhuang.accounts.scoped_admin import NOT_WHOLE, ScopedAdmin
from banzhuang.core.access import may
from banzhuang.core.clock import today

from .export import NO_PASSWORD, Disclosure, may_reveal
from .export_forms import SealingPassword, judge_password
from .formats import FORMATS
from .forms import UploadForm
from .grid import Refused
from .ledger import registry
from .parameters import IN_REQUEST_ROWS
from .release import NotReleased
from .resource import LedgerResource, resource_of

TOO_MANY = (
    f"一次最多导出 {IN_REQUEST_ROWS:,} 条。先在列表里筛选，或到平台的列表页导出：在后台做好，再来下载。"
)


class AdminUploadForm(UploadForm):
    """The portal's upload, for the ledgers of one table; with one of them there is nothing to choose."""

    def __init__(self, *args, ledgers, **kwargs):
        super().__init__(*args, **kwargs)
        self.ledgers = ledgers
        if len(ledgers) == 1:
            del self.fields["kind"]
        else:
            self.fields["kind"].required = True
            self.fields["kind"].choices = [(ledger.kind, ledger.label) for ledger in ledgers]

    @property
    def place(self) -> int:
        """Of the ledger chosen, among those of the table."""
        kinds = [ledger.kind for ledger in self.ledgers]
        return kinds.index(self.cleaned_data["kind"]) if "kind" in self.fields else 0


class LedgerExportForm(ExportForm):
    """Which ledger, which format, of which rows, and what for when the numbers shall be whole."""

    reason = forms.CharField(
        label="用途",
        required=False,
        max_length=100,
        widget=forms.TextInput({"class": "vTextField"}),
        help_text="要完整的身份证号和电话时写明，写在表上，记入审计；空着时号码脱敏。",
    )
    password = SealingPassword(
        widget=forms.TextInput({"class": "vTextField"}),
        help_text="打开完整号码的表要用，先记下再导出：平台不保存。可以改成自己定的；号码脱敏的不设密码。",
    )
    export_items = forms.ModelMultipleChoiceField(
        queryset=None,
        required=False,
        widget=forms.MultipleHiddenInput,
        error_messages={"invalid_choice": NOT_WHOLE, "invalid_pk_value": NOT_WHOLE},
    )

    def __init__(self, formats, resources, *, rows, user, **kwargs):
        super().__init__(formats, resources, **kwargs)
        self.fields["resource"].label, self.fields["format"].label = "台账", "格式"
        self.fields["format"].choices = [choice for choice in self.fields["format"].choices if choice[0]]
        self.fields["export_items"].queryset = rows
        self.user, self.formats = user, formats
        if not all(may_reveal(user, resource.ledger) for resource in resources):
            del self.fields["reason"], self.fields["password"]

    def clean_reason(self):
        reason = self.cleaned_data["reason"].strip()
        if reason and len(reason) < LEAST:
            raise forms.ValidationError("写明用途，至少四个字；号码脱敏就行的，空着。")
        return reason

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("reason"):
            judge_password(self, self.user)
            if "format" in cleaned and self.formats[int(cleaned["format"])].extension == "csv":
                self.add_error("format", NO_PASSWORD)
        return cleaned

    @property
    def disclosure(self) -> Disclosure | None:
        """None for a masked export."""
        reason = self.cleaned_data.get("reason", "")
        return Disclosure(reason, self.cleaned_data["password"]) if reason else None


class LedgerAdmin(ImportExportMixin, ScopedAdmin):
    """A ScopedAdmin whose table has a ledger."""

    import_export_change_list_template = "admin/ledgers/change_list.html"
    import_template_name = "admin/ledgers/import.html"
    export_template_name = "admin/ledgers/export.html"
    formats = FORMATS
    actions = ["export_selected"]

    def get_resource_classes(self, request) -> list[type[LedgerResource]]:
        return [resource_of(ledger) for ledger in registry.of(model=self.model)]

    def get_urls(self):
        return [url for url in super().get_urls() if not (url.name or "").endswith("_process_import")]

    def has_import_permission(self, request):
        return super().has_import_permission(request) and self.writes(request, "import")

    def has_export_permission(self, request):
        return super().has_export_permission(request) and may(request.user, "export", self.model)

    # --- In -------------------------------------------------------------------------------------------------
    def import_action(self, request, **kwargs):
        """The upload; what becomes of it is said on the next page."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        resources = self.get_import_resource_classes(request)
        ledgers = [resource.ledger for resource in resources]
        posted = (request.POST, request.FILES) if request.method == "POST" else ()
        form = AdminUploadForm(*posted, user=request.user, ledgers=ledgers)
        if form.is_valid():
            file = form.cleaned_data["file"]
            resource = resources[form.place]()
            try:
                # Nothing is written before it was looked over.
                result = resource.import_data(
                    file.read(), file_name=file.name, user=request.user, day=today(), dry_run=True
                )
            except Refused as refused:
                form.add_error("file", str(refused))
            else:
                return self.taken_in(request, form, result)
        return self.import_page(request, form)

    def taken_in(self, request, form, batch):
        """To the preview of the batch."""
        return redirect("import_batch", batch.pk)

    def import_page(self, request, form, **further):
        said = " ".join(f"{ledger.label}能导入的列：{headings(ledger)}。" for ledger in form.ledgers)
        context = self.page(request, "导入", form, list(form.fields), f"{said}列名写法和次序不同也认得。")
        return TemplateResponse(request, self.import_template_name, context | further)

    def page(self, request, act: str, form, shown: list[str], said: str) -> dict:
        """said: above the fields, plain text of our own."""
        return {
            **self.admin_site.each_context(request),
            "title": f"{act}{self.opts.verbose_name_plural}",
            "act": act,
            "opts": self.opts,
            "adminform": AdminForm(form, [(None, {"fields": shown, "description": said})], {}),
        }

    # --- Out ------------------------------------------------------------------------------------------------
    def export_action(self, request):
        """The rows of the list as it is filtered, or those selected there."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_export_queryset(request)
        except IncorrectLookupParameters:
            messages.error(request, "筛选条件看不懂，已去掉。")
            return redirect(request.path)
        form = self.export_form(request, data=request.POST if request.method == "POST" else None)
        chosen, words = request.POST.getlist("export_items"), request.GET.urlencode()
        form.is_valid()
        if form.has_error("export_items"):
            messages.error(request, NOT_WHOLE)
            return redirect(self.address("changelist"))
        if chosen:
            rows, words = form.cleaned_data["export_items"], f"所选 {len(chosen)} 条"
        if form.is_valid() and rows.count() > IN_REQUEST_ROWS:
            form.add_error("format", TOO_MANY)
        if form.is_valid():
            try:
                return self.file(request, form, rows, words)
            except NotReleased as refused:
                form.add_error("reason" if form.disclosure else "format", str(refused))
        return self.export_page(request, form, rows)

    def file(self, request, form, rows, words: str):
        resource = self.choose_export_resource_class(form, request)()
        file_format = self.get_export_formats()[int(form.cleaned_data["format"])]()
        words = [words] if words else []
        asked = {"user": request.user, "day": today(), "whole": form.disclosure, "words": words}
        return file_format.response(resource, rows, **asked)

    @admin.action(description="导出所选", permissions=["export"])
    def export_selected(self, request, queryset):
        """Whoever chose all pages of the list wants what the list's own export gives."""
        if request.POST.get("select_across") == "1":
            return redirect(self.export_url(request))
        chosen = list(queryset.values_list("pk", flat=True))
        form = self.export_form(request, initial={"export_items": chosen})
        return self.export_page(request, form, queryset)

    def export_form(self, request, **kwargs) -> LedgerExportForm:
        resources = self.get_export_resource_classes(request)
        return LedgerExportForm(
            self.get_export_formats(),
            resources,
            rows=self.get_queryset(request),
            user=request.user,
            **kwargs,
        )

    def export_page(self, request, form, rows):
        """Says how many rows there are, and of those that a ledger does not hold that they are left out."""
        resources = self.get_export_resource_classes(request)
        shown = [name for name in ("resource", "format", "reason", "password") if name in form.fields]
        said = "".join(counted(resource, rows, request.user) for resource in resources)
        if self.has_import_permission(request):
            said += "导出的表可以照样改，改后再导入。"
        context = self.page(request, "导出", form, shown if len(resources) > 1 else shown[1:], said)
        context |= {"export_url": self.export_url(request), "form": form}
        return TemplateResponse(request, self.export_template_name, context)

    def export_url(self, request) -> str:
        """With what the list is filtered by."""
        query = request.GET.urlencode()
        return f"{self.address('export')}?{query}" if query else self.address("export")

    def address(self, name: str) -> str:
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{name}")


def counted(resource, rows, user) -> str:
    """How many of the rows the ledger holds, and that the others are left out."""
    held, listed = resource.held(rows, user, today()).count(), rows.count()
    left_out = f"另有 {listed - held} 条今天不在台账里，不导出。" if listed > held else ""
    return f"{resource.ledger.label}：{held} 条。{left_out}"


def headings(ledger) -> str:
    return "、".join(f"{c.label}（必填）" if c.required else c.label for c in ledger.columns)
