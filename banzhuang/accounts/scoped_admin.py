"""The admin of business tables: the same scope and checks as the portal, and one audit event for each act."""

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponseNotAllowed
from django.shortcuts import redirect
from simple_history.admin import SimpleHistoryAdmin
from simple_history.template_utils import HistoricalRecordContextHelper

from banzhuang.core.access import may, may_write
from banzhuang.core.codes import mask_id_number
from banzhuang.core.fields import EncryptedTextField
from banzhuang.core.forms import RowForm
from banzhuang.core.models import RootModel, is_guarded
from banzhuang.core.scoping import ScopedQuerySet

from .audit import Action, record, record_change

NOT_WHOLE = "所选的有已不在这张表里的，没有执行。重新选择后再做。"


class ScopedChoices:
    """Related rows to choose from are those the user may see."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        related = db_field.remote_field.model
        if isinstance(related._default_manager.get_queryset(), ScopedQuerySet):
            kwargs["queryset"] = related.objects.for_user(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ScopedInline(ScopedChoices, admin.TabularInline):
    extra = 0


class RowInline(ScopedInline):
    """Root rows of the row above; each carries the version at which it was read, as that row does."""

    form = RowForm
    view_on_site = False  # Django's own way there tells where a row is to whom may not see it

    def get_queryset(self, request):
        return super().get_queryset(request) & self.model.objects.for_user(request.user)

    @admin.display(description="版本")
    def read_version(self, row):
        """For those who only read."""
        return row.version

    def get_formset(self, request, obj=None, **kwargs):
        """Rows that the user may not write are refused below another row as on a page of their own."""

        class Permitted(super().get_formset(request, obj, **kwargs)):
            def clean(self):
                super().clean()
                for form in self.forms:
                    if said := form.has_changed() and refusal(request.user, form.instance):
                        raise ValidationError(f"{form.instance}：{said}")

        return Permitted


class InTurn:
    """Of rows without a version, with a SecondToldForm: two who save the same row do so one after the other, so that the
    second is told what the first has written."""

    def get_object(self, request, object_id, from_field=None):
        if (
            request.method == "POST"
            and object_id.isdecimal()
            and transaction.get_connection().in_atomic_block
        ):
            self.model._base_manager.select_for_update(no_key=True).filter(pk=object_id).first()
        return super().get_object(request, object_id, from_field)

    def get_fields(self, request, obj=None):
        """Who only reads has no form that could come second."""
        fields = super().get_fields(request, obj)
        reads = obj is not None and not self.has_change_permission(request, obj)
        return [name for name in fields if not (reads and name == "read_version")]


class WholeSelection:
    """An action on selected rows of which one cannot be seen is refused as a whole, and names none."""

    def response_action(self, request, queryset):
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        whole = all(pk.isdecimal() for pk in chosen)
        if whole and queryset.filter(pk__in=chosen).count() == len(set(chosen)):
            return super().response_action(request, queryset)
        messages.error(request, NOT_WHOLE)
        return redirect(request.get_full_path())


class MaskedChanges(HistoricalRecordContextHelper):
    """What changed between two versions, with sensitive values masked as everywhere: `masks` by field name."""

    masks: dict = {}

    def prepare_delta_change_value(self, change, value):
        value = super().prepare_delta_change_value(change, value)
        if change.field in self.masks:
            return self.masks[change.field](value)
        encrypted = isinstance(self.model._meta.get_field(change.field), EncryptedTextField)
        return mask_id_number(value) if encrypted else value


class ScopedAdmin(WholeSelection, ScopedChoices, SimpleHistoryAdmin):
    """Rows and choices through `for_user`; rights from the access table and the role's permissions.

    masks: how a sensitive field is shown in the history, by name; encrypted ones as identity numbers unless said here.
    """

    list_per_page = 50
    history_list_per_page = 50
    masks: dict = {}

    def get_queryset(self, request):
        return self.model.objects.for_user(request.user)

    def lookup_allowed(self, lookup, value, request):
        """Only by the filters that are shown: any other would tell a masked number digit by digit."""
        filters = self.get_list_filter(request)
        shown = [
            item[0] if isinstance(item, tuple) else getattr(item, "parameter_name", item) for item in filters
        ]
        known = any(isinstance(name, str) and f"{lookup}__".startswith(f"{name}__") for name in shown)
        return known and super().lookup_allowed(lookup, value, request)

    def get_view_on_site_url(self, obj=None):
        """Straight to the row's page: the admin's own way there tells where a row is to whom may not see it."""
        return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None

    def get_historical_record_context_helper(self, request, historical_record):
        helper = MaskedChanges(self.model, historical_record)
        helper.masks = self.masks
        return helper

    def history_view(self, request, object_id, extra_context=None):
        if not object_id.isdecimal():
            raise Http404
        return super().history_view(request, object_id, extra_context)

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        """A former version is looked at; what was is not written again over what is."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not (object_id.isdecimal() and version_id.isdecimal()):
            raise Http404
        return super().history_form_view(request, object_id, version_id, extra_context)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """A row that the user may not write stands there to be read, and says who writes it."""
        said = self.refusal_of(request, object_id)
        if said and request.method == "POST":
            return self.say(request, said)
        if said:
            messages.info(request, said)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(self, request, object_id, extra_context=None):
        said = self.refusal_of(request, object_id)
        return self.say(request, said) if said else super().delete_view(request, object_id, extra_context)

    def response_action(self, request, queryset):
        """Of a selection with a row that the user may not write nothing is deleted."""
        if request.POST.get("action") == "delete_selected" and is_guarded(self.model):
            chosen = queryset.filter(pk__in=filter(str.isdecimal, request.POST.getlist(ACTION_CHECKBOX_NAME)))
            if said := next(filter(None, (row.refused_to(request.user) for row in chosen)), ""):
                return self.say(request, f"所选的里有一条不能由您删除，没有执行。{said}")
        return super().response_action(request, queryset)

    def refusal_of(self, request, object_id) -> str:
        if not (object_id and is_guarded(self.model) and self.writes(request, "change")):
            return ""
        row = self.get_object(request, unquote(object_id))
        return row.refused_to(request.user) if row else ""

    def say(self, request, sentence: str):
        messages.error(request, sentence)
        return redirect(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_changelist")

    @admin.display(description="版本")
    def read_version(self, row):
        """For those who only read: the form of the others carries it unseen."""
        return row.version

    def get_form(self, request, obj=None, change=False, **kwargs):
        """The form also refuses a place outside the scope, which a code typed by hand could name."""
        form = super().get_form(request, obj, change=change, **kwargs)

        class InScope(form):
            def _post_clean(self):
                super()._post_clean()
                if not self.errors and outside(request.user, self.instance):
                    self.add_error(None, "这一条不在您的范围内，改成范围内的村或镇。")
                elif not self.errors and (said := refusal(request.user, self.instance)):
                    self.add_error(None, said)

        return InScope

    def has_view_permission(self, request, obj=None):
        return may(request.user, "view", self.model) and self.inside(request, obj)

    def has_change_permission(self, request, obj=None):
        return self.writes(request, "change") and self.inside(request, obj) and not refused(request.user, obj)

    def has_delete_permission(self, request, obj=None):
        allowed = may(request.user, "delete", self.model) and self.inside(request, obj)
        return allowed and not refused(request.user, obj)

    def has_add_permission(self, request):
        return self.writes(request, "add")

    def writes(self, request, act) -> bool:
        """Who only enters what is their own does so on the portal's pages, where that is looked after."""
        return may_write(request.user, act, self.model)

    def inside(self, request, obj) -> bool:
        return obj is None or self.get_queryset(request).filter(pk=obj.pk).exists()

    def construct_change_message(self, request, form, formsets, add=False):
        """Here alone the rows below are at hand."""
        changed = [row for formset in formsets for row, _ in formset.changed_objects]
        added = [f"新增{named(row)}" for formset in formsets for row in formset.new_objects]
        removed = [f"删除{named(row)}" for formset in formsets for row in formset.deleted_objects]
        form.instance.saved_below = (changed, added + removed)
        return super().construct_change_message(request, form, formsets, add)

    def log_addition(self, request, obj, message):
        self.record(Action.ADD, request, obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        """One event for the row and those below it. Where it is no form's, nothing stands below."""
        changed, others = getattr(obj, "saved_below", ((), ()))
        detail = {"rows_below": others} if others else {}
        record_change(named(obj), obj, below=changed, request=request, **detail)
        return super().log_change(request, obj, message)

    def log_deletions(self, request, queryset):
        for obj in queryset:
            self.record(Action.DELETE, request, obj)
        return super().log_deletions(request, queryset)

    def record(self, action, request, obj):
        record(action, named(obj), request=request, scope_code=getattr(obj, "scope_code", ""))


def named(row) -> str:
    return f"{row._meta.verbose_name} {row}"


def refused(user, row) -> str:
    """Why the user may not write the row as it is stored, whatever a form has made of it; "" when nothing is against it."""
    if row is None or not is_guarded(type(row)):
        return ""
    stored = type(row)._base_manager.filter(pk=row.pk).first()
    return stored.refused_to(user) if stored else ""


def refusal(user, row) -> str:
    """The same, or why it may not become what it would be."""
    return refused(user, row) or (row.refused_to(user) if is_guarded(type(row)) else "")


def outside(user, row) -> bool:
    """Whether the row would belong to a place that the user does not cover."""
    if not isinstance(row, RootModel):
        return False
    try:
        return not user.covers(row.place_code)
    except (AttributeError, ObjectDoesNotExist):
        return False  # the place itself is missing; the form says so at its field
