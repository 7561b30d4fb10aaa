"""Cadres and posts in the admin: the forms of the portal, identity numbers masked."""

from django.contrib import admin

from banzhuang.accounts.scoped_admin import ScopedAdmin
from banzhuang.core.codes import mask_phone
from banzhuang.ledgers.ledger_admin import LedgerAdmin

from .forms import CadreForm, LeaveForm, PostForm
from .models import Cadre, Leave, Post


@admin.register(Cadre)
class CadreAdmin(LedgerAdmin):
    form = CadreForm
    list_display = ["name", "sex", "category", "position", "village", "id_number_mask", "masked_phone"]
    list_filter = ["category", "sex", "political_status", ("left_on", admin.EmptyFieldListFilter)]
    masks = {"phone": mask_phone}
    list_select_related = ["village"]
    search_fields = ["name", "initials", "village__name"]
    autocomplete_fields = ["village", "birthplace"]
    fieldsets = [
        (
            "本人",
            {"fields": [("name", "sex"), ("ethnic_group", "native_place"), ("born", "identity"), "birthplace", "telephone"]},
        ),
        (
            "学历与政治面貌",
            {"fields": [("education", "in_service_education"), "school", ("political_status", "joined_party"), "started_work"]},
        ),
        ("单位", {"fields": ["category", "position", ("township", "village"), "left", "user", "note", "read_version"]}),
    ]  # fmt: skip

    @admin.display(description="联系电话")
    def masked_phone(self, cadre):
        return cadre.phone_mask

    # What stands in the place of the form's fields for those who only read.
    telephone = masked_phone

    @admin.display(description="身份证号")
    def identity(self, cadre):
        return cadre.id_number_mask


@admin.register(Post)
class PostAdmin(LedgerAdmin):
    form = PostForm
    list_display = ["cadre", "organisation", "title", "selection", "origin", "start_text", "end_text"]
    list_filter = ["title", "selection", "origin", "end_reason"]
    list_select_related = ["cadre", "organisation__village"]
    search_fields = ["cadre__name", "cadre__initials", "organisation__name"]
    autocomplete_fields = ["cadre", "organisation"]
    fieldsets = [
        (
            "任职",
            {
                "fields": [
                    ("cadre", "organisation"),
                    ("title", "selection", "origin"),
                    ("started", "term_ends"),
                ]
            },
        ),
        ("离任", {"fields": [("ended", "end_reason"), "end_document", "note", "read_version"]}),
    ]

    @admin.display(description="任职起", ordering="start")
    def start_text(self, post):
        return post.started or "不详"

    @admin.display(description="任职止", ordering="end")
    def end_text(self, post):
        return post.ended or "在任"


@admin.register(Leave)
class LeaveAdmin(ScopedAdmin):
    form = LeaveForm
    list_display = ["cadre", "kind", "start", "end_text", "reason", "approved_by"]
    list_filter = ["kind"]
    list_select_related = ["cadre"]
    date_hierarchy = "start"
    search_fields = ["cadre__name", "cadre__initials"]
    autocomplete_fields = ["cadre"]
    fields = ["cadre", "kind", ("start", "end"), "reason", "approved_by", "read_version"]

    @admin.display(description="返岗日期", ordering="end")
    def end_text(self, leave):
        return leave.end or "未定"
