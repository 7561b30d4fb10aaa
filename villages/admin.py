"""Villages, areas and organisations in the admin."""

from django.contrib import admin

from banzhuang.accounts.scoped_admin import RowInline, ScopedAdmin
from banzhuang.core.forms import RowForm
from banzhuang.ledgers.ledger_admin import LedgerAdmin

from .models import Area, Organisation, OrganisationYear, Township, Village, VillageYear


@admin.register(Township)
class TownshipAdmin(ScopedAdmin):
    form = RowForm
    list_display = ["code", "name"]
    fields = ["code", "name", "read_version"]


@admin.register(Area)
class AreaAdmin(ScopedAdmin):
    form = RowForm
    list_display = ["name", "township", "order"]
    list_select_related = ["township"]
    fields = ["township", "name", "order", "read_version"]


class VillageYearInline(RowInline):
    model = VillageYear
    fields = ["year", "population", "households", "is_weak", "collective_income", "read_version"]


@admin.register(Village)
class VillageAdmin(LedgerAdmin):
    form = RowForm
    list_display = ["code", "name", "area", "is_resettled", "valid_to"]
    list_filter = ["is_resettled"]
    list_select_related = ["area"]
    search_fields = ["name", "initials", "code"]
    fields = [
        "township", "code", "name", "aliases", "area", "is_resettled", "longitude", "latitude",
        "valid_from", "valid_to", "successor", "read_version",
    ]  # fmt: skip
    inlines = [VillageYearInline]


class OrganisationYearInline(RowInline):
    model = OrganisationYear
    fields = ["year", "members", "read_version"]


@admin.register(Organisation)
class OrganisationAdmin(ScopedAdmin):
    form = RowForm
    list_display = ["name", "kind", "village", "end"]
    list_filter = ["kind"]
    list_select_related = ["village"]
    search_fields = ["name", "village__name", "village__initials"]
    fields = ["kind", "name", "township", "village", "parent", "start", "end", "read_version"]
    autocomplete_fields = ["village", "parent"]
    inlines = [OrganisationYearInline]
