"""The tables of 助贫帮困 in the admin: kept by 民政帮扶办, masked, and guarded against lost updates row by row."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html_join

from banzhuang.accounts.scoped_admin import RowInline, ScopedAdmin
from banzhuang.core.codes import mask_phone
from banzhuang.ledgers.ledger_admin import LedgerAdmin

from .models import Contact, Household, HouseholdLabel, HouseholdYear, Member, Need, Visit, VisitPhoto
from .register_forms import (
    ContactForm,
    ContactRowForm,
    ContactRows,
    HouseholdForm,
    LabelForm,
    LabelRows,
    MemberForm,
    MemberRows,
    NeedRecordForm,
    VisitRecordForm,
    YearForm,
)


def known(health) -> str:
    """Of a sensitive value only whether it is there."""
    return "已登记" if health else "未登记"


class ShowsMasked:
    """What stands in the place of the form's masked fields for those who only read."""

    @admin.display(description="身份证号")
    def identity(self, row):
        return row.id_number_mask

    @admin.display(description="健康状况")
    def condition(self, row):
        return known(row.health)


class Stacked(RowInline):
    """A row with too many columns for a line of a table."""

    template = admin.StackedInline.template


class YearInline(Stacked):
    model, form = HouseholdYear, YearForm
    fields = [
        ("year", "members", "workers", "housing"),
        ("cause", "other_causes"),
        ("wage_income", "business_income", "property_income", "transfer_income"),
        "read_version",
    ]


class LabelInline(RowInline):
    model, form, formset = HouseholdLabel, LabelForm, LabelRows
    fields = ["kind", "started", "ended", "how_ended", "read_version"]


class MemberInline(ShowsMasked, Stacked):
    model, form, formset = Member, MemberForm, MemberRows
    fields = [
        ("name", "relation", "sex", "born"),
        ("identity", "condition", "skill", "school"),
        ("started", "ended", "end_reason"),
        "read_version",
    ]


class ContactInline(RowInline):
    model, form, formset = Contact, ContactRowForm, ContactRows
    fields = ["cadre", "started", "ended", "read_version"]
    autocomplete_fields = ["cadre"]


class StandingFilter(admin.SimpleListFilter):
    title, parameter_name = "在册情况", "standing"

    def lookups(self, request, model_admin):
        return [("registered", "在册"), ("removed", "已出册")]

    def queryset(self, request, queryset):
        choice = {"registered": True, "removed": False}.get(self.value())
        return queryset if choice is None else queryset.filter(removed_on__isnull=choice)


@admin.register(Household)
class HouseholdAdmin(ShowsMasked, LedgerAdmin):
    form = HouseholdForm
    list_display = [
        "head",
        "village",
        "group",
        "number",
        "id_number_mask",
        "masked_phone",
        "start_text",
        "end_text",
    ]
    list_filter = [StandingFilter, "removal_reason", ("village", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["village"]
    search_fields = ["head", "initials", "number", "village__name"]
    autocomplete_fields = ["village"]
    masks = {"phone": mask_phone, "health": known}
    fieldsets = [
        ("户主", {"fields": [("head", "number"), ("village", "group"), "address", ("identity", "telephone"), "condition"]}),
        ("在册", {"fields": ["registered", ("removed", "removal_reason"), "note", "read_version"]}),
    ]  # fmt: skip
    inlines = [ContactInline, LabelInline, YearInline, MemberInline]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user
        return form

    def save_formset(self, request, form, formset, change):
        """A household that moves takes its rows along when it is saved: those that stand below it, as the form read
        them, are one version further on."""
        if "village" in form.changed_data:
            for row in formset.initial_forms:
                moved = type(row.instance).objects.filter(
                    pk=row.instance.pk, version=row.instance.version + 1
                )
                row.instance.version += moved.exists()
        super().save_formset(request, form, formset, change)

    @admin.display(description="联系电话")
    def masked_phone(self, household):
        return household.phone_mask

    telephone = masked_phone

    @admin.display(description="建档日期", ordering="registered_on")
    def start_text(self, household):
        return household.registered or "不详"

    @admin.display(description="出册日期", ordering="removed_on")
    def end_text(self, household):
        return household.removed or "在册"


@admin.register(Contact)
class ContactAdmin(LedgerAdmin):
    form = ContactForm
    list_display = ["household", "village", "cadre", "start_text", "end_text"]
    list_filter = [("end", admin.EmptyFieldListFilter)]
    list_select_related = ["household__village", "cadre"]
    search_fields = ["household__head", "household__initials", "cadre__name", "cadre__initials"]
    autocomplete_fields = ["household", "cadre"]
    fields = [("household", "cadre"), ("started", "ended"), "read_version"]

    @admin.display(description="村")
    def village(self, contact):
        return contact.household.village

    @admin.display(description="联系起", ordering="start")
    def start_text(self, contact):
        return contact.started or "不详"

    @admin.display(description="联系止", ordering="end")
    def end_text(self, contact):
        return contact.ended or "在联系"


@admin.register(Visit)
class VisitAdmin(LedgerAdmin):
    form = VisitRecordForm
    list_display = ["date", "visitor", "village", "household", "heard", "result"]
    list_filter = ["result", "half_day"]
    list_select_related = ["household__village", "visitor"]
    date_hierarchy = "date"
    search_fields = ["household__head", "household__initials", "visitor__name", "visitor__initials"]
    autocomplete_fields = ["household", "visitor", "need"]
    readonly_fields = ["pictures"]
    fieldsets = [
        ("走访", {"fields": [("household", "visitor"), ("date", "half_day")]}),
        ("内容", {"fields": ["topics", "heard", "measures", "result", "need", "in_log"]}),
        ("照片", {"fields": ["pictures", "read_version"]}),
    ]

    @admin.display(description="村")
    def village(self, visit):
        return visit.household.village

    @admin.display(description="照片")
    def pictures(self, visit):
        """Small, each with a link to the whole; they are added on the page of the visit."""
        if not visit.pk:
            return "保存后在走访的页面上添加"
        photos = VisitPhoto.objects.filter(visit=visit)
        links = [
            (
                reverse("visit_photo", args=[photo.pk, "photo"]),
                reverse("visit_photo", args=[photo.pk, "thumbnail"]),
                number,
            )
            for number, photo in enumerate(photos, 1)
        ]
        shown = '<a href="{}"><img src="{}" width="64" height="64" alt="照片 {}"></a>'
        return format_html_join(" ", shown, links) or "没有照片"


@admin.register(Need)
class NeedAdmin(ScopedAdmin):
    form = NeedRecordForm
    list_display = ["content", "household", "village", "topic", "raised_on", "handler", "due", "outcome"]
    list_filter = ["handler", "outcome", "topic", ("closed_on", admin.EmptyFieldListFilter)]
    list_select_related = ["household__village"]
    search_fields = ["content", "household__head", "household__initials"]
    autocomplete_fields = ["household"]
    fieldsets = [
        ("诉求", {"fields": ["household", "content", ("topic", "raised_on")]}),
        (
            "办理",
            {"fields": [("handler", "due"), "taken_on", ("closed_on", "outcome"), "reply", "read_version"]},
        ),
    ]

    def has_delete_permission(self, request, obj=None):
        """Not while a visit says that it was raised there: first the visit is put right."""
        raised = obj is not None and Visit.objects.filter(need=obj).exists()
        return not raised and super().has_delete_permission(request, obj)

    @admin.display(description="村")
    def village(self, need):
        return need.household.village
