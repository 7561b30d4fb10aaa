from django.urls import path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("overview/", views.overview, name="overview"),
    path("duties/", views.duties, name="duties"),
    path("search/", views.search, name="search"),
]
