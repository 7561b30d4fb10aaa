from django.contrib.auth.decorators import login_not_required
from django.urls import path

from . import views

urlpatterns = [
    path("login/", login_not_required(views.PortalLoginView.as_view()), name="login"),
    path("logout/", login_not_required(views.PortalLogoutView.as_view()), name="logout"),
    path("password/", views.change_password, name="password_change"),
    path("audit/", views.audit_trail, name="audit_trail"),
    path("audit/printed/", views.printed, name="printed"),
]
