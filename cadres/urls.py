from django.urls import path

from .views import cadre, secretary

urlpatterns = [
    path("secretaries/", secretary.secretaries, name="secretaries"),
    path("secretaries/<int:organisation>/succession/", secretary.succession, name="succession"),
    path("<int:pk>/", cadre.cadre, name="cadre"),
    path("<int:pk>/reveal/", cadre.reveal, name="reveal_cadre"),
]
