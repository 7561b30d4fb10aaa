from django.urls import path

from . import views

urlpatterns = [path("figures/<str:code>/", views.figure_rows, name="figure_rows")]
