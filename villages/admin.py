"""Villages, areas and organisations in the admin."""

from django.contrib import admin

from banzhuang.accounts.scoped_admin import ScopedAdmin, ScopedInline

from .models import Area, Organisation, OrganisationYear, Township, Village, VillageYear


@admin.register(Township)
class TownshipAdmin(ScopedAdmin):
    list_display = ["code", "name"]
    fields = ["code", "name"]


@admin.register(Area)
class AreaAdmin(ScopedAdmin):
    list_display = ["name", "township", "order"]
    list_select_related = ["township"]
    fields = ["township", "name", "order"]


class VillageYearInline(ScopedInline):
    model = VillageYear
    fields = ["year", "population", "households", "is_weak", "collective_income"]


@admin.register(Village)
class VillageAdmin(ScopedAdmin):
    list_display = ["code", "name", "area", "is_resettled", "valid_to"]
    list_filter = ["is_resettled"]
    list_select_related = ["area"]
    search_fields = ["name", "initials", "code"]
    fields = [
        "township", "code", "name", "aliases", "area", "is_resettled", "longitude", "latitude",
        "valid_from", "valid_to", "successor",
    ]  # fmt: skip
    inlines = [VillageYearInline]


class OrganisationYearInline(ScopedInline):
    model = OrganisationYear
    fields = ["year", "members"]


@admin.register(Organisation)
class OrganisationAdmin(ScopedAdmin):
    list_display = ["name", "kind", "village", "end"]
    list_filter = ["kind"]
    list_select_related = ["village"]
    search_fields = ["name", "village__name", "village__initials"]
    fields = ["kind", "name", "township", "village", "parent", "start", "end"]
    autocomplete_fields = ["village", "parent"]
    inlines = [OrganisationYearInline]
