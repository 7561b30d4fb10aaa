from django.urls import path

from .views import village

urlpatterns = [
    path("", village.villages, name="villages"),
    path("<str:code>/", village.village, name="village"),
]
