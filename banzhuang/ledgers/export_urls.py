from django.urls import path

from .views import export

urlpatterns = [
    path("", export.exports, name="exports"),
    path("files/<int:pk>/", export.export_file, name="export_file"),
    path("files/<int:pk>/download/", export.export_download, name="export_download"),
    path("<slug:kind>/", export.export, name="export_ledger"),
    path("<slug:kind>/template/", export.template, name="ledger_template"),
]
