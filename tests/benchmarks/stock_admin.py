"""The stock admin import of households: django-import-export as its manual shows it, on an admin site of its own.

Three resources read the same file, one a table, for a ModelResource writes one model. Each has what makes it quicker
without changing what it does: rows are found by an indexed column, and of what `save` does of our own for households
that move, nothing is done. None checks what our import checks. It is the URL conf of the benchmark's stock side.
"""

from django.contrib import admin
from django.urls import include, path
from import_export.admin import ImportMixin
from import_export.fields import Field
from import_export.formats.base_formats import XLSX
from import_export.resources import ModelResource
from import_export.widgets import DateWidget, ForeignKeyWidget, Widget

from banzhuang.core.fields import keyed_hash
from banzhuang.core.models import RootModel
from livelihood.models import Household, HouseholdLabel, HouseholdYear
from villages.models import Village

YEAR = 2026
HASH = "号码校验"  # an encrypted number cannot be looked up, its hash can


class Words(Widget):
    """The value of a choice by its label."""

    def __init__(self, choices):
        super().__init__()
        self.values = {label: value for value, label in choices}

    def clean(self, value, row=None, **kwargs):
        return self.values[value] if value else ""


class StockResource(ModelResource):
    """What all three share: rows that change nothing are skipped."""

    def before_import(self, dataset, **kwargs):
        dataset.append_col([keyed_hash(number) for number in dataset["身份证号"]], header=HASH)
        dataset.append_col([YEAR] * len(dataset), header="年度")

    def do_instance_save(self, instance, is_create):
        RootModel.save(instance)


class HouseholdResource(StockResource):
    village = Field("village", "村", ForeignKeyWidget(Village, "name"))
    number = Field("number", "户编号")
    head = Field("head", "户主")
    id_number = Field("id_number", "身份证号")
    id_number_hash = Field("id_number_hash", HASH)
    group = Field("group", "村民小组")
    address = Field("address", "住址")
    phone = Field("phone", "联系电话")
    registered_on = Field("registered_on", "建档日期", DateWidget())
    note = Field("note", "备注")

    class Meta:
        model = Household
        name = "Household"
        fields = "village number head id_number id_number_hash group address phone registered_on note".split()
        import_id_fields = ["id_number_hash"]
        skip_unchanged = True


class YearResource(StockResource):
    household = Field("household", HASH, ForeignKeyWidget(Household, "id_number_hash"))
    year = Field("year", "年度")
    members = Field("members", "家庭人口")
    workers = Field("workers", "劳动力人数")
    cause = Field("cause", "致贫原因", Words(HouseholdYear._meta.get_field("cause").choices))
    housing = Field("housing", "住房情况", Words(HouseholdYear.Housing.choices))
    wage_income = Field("wage_income", "工资性收入")
    business_income = Field("business_income", "经营性收入")
    property_income = Field("property_income", "财产性收入")
    transfer_income = Field("transfer_income", "转移性收入")

    class Meta:
        model = HouseholdYear
        name = "HouseholdYear"
        fields = (
            "household year members workers cause housing wage_income business_income property_income"
            " transfer_income"
        ).split()
        import_id_fields = ["household", "year"]
        skip_unchanged = True


class LabelResource(StockResource):
    household = Field("household", HASH, ForeignKeyWidget(Household, "id_number_hash"))
    kind = Field("kind", "享受政策", Words(HouseholdLabel.Kind.choices))

    class Meta:
        model = HouseholdLabel
        name = "HouseholdLabel"
        fields = ["household", "kind"]
        import_id_fields = ["household", "kind"]
        skip_unchanged = True


class StockAdmin(ImportMixin, admin.ModelAdmin):
    formats = [XLSX]
    resource_classes = [HouseholdResource, YearResource, LabelResource]


class StockSite(admin.AdminSite):
    def has_permission(self, request):
        return True


site = StockSite()
site.register(Household, StockAdmin)

urlpatterns = [path("admin/", site.urls), path("", include("banzhuang.urls"))]
