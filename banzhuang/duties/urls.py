from django.urls import path

from . import views

urlpatterns = [
    path("duties/urge/", views.urge_duty, name="urge_duty"),
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_all, name="read_notices"),
    path("notices/<int:pk>/", views.notice, name="notice"),
]
