from django.urls import path

from . import views

urlpatterns = [
    path("", views.imports, name="imports"),
    path("<int:pk>/", views.batch, name="import_batch"),
    path("<int:pk>/commit/", views.commit_batch, name="import_commit"),
    path("<int:pk>/discard/", views.discard_batch, name="import_discard"),
    path("<int:pk>/undo/", views.undo, name="import_undo"),
]
