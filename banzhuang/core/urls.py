from django.urls import path

from . import views

urlpatterns = [
    path("jobs/<int:pk>/", views.job, name="job"),
    path("running/", views.state_of_portal, name="running"),
    path("running/check/", views.check_database, name="check_database"),
]
