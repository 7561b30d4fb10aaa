from django.urls import path

from . import duties, views

urlpatterns = [
    path("", views.home, name="home"),
    path("overview/", views.overview, name="overview"),
    path("duties/", duties.duties, name="duties"),
    path("search/", views.search, name="search"),
]
