from django.urls import path

from .views import batch, imports, marked, match

urlpatterns = [
    path("", imports.imports, name="imports"),
    path("<int:pk>/", batch.batch, name="import_batch"),
    path("<int:pk>/match/", match.match, name="import_match"),
    path("<int:pk>/forget/", match.forget, name="import_forget"),
    path("<int:pk>/marked/", marked.marked_workbook, name="import_marked"),
    path("<int:pk>/marked/download/", marked.marked_download, name="import_marked_download"),
    path("<int:pk>/commit/", batch.commit_batch, name="import_commit"),
    path("<int:pk>/discard/", batch.discard_batch, name="import_discard"),
    path("<int:pk>/undo/", batch.undo, name="import_undo"),
]
