"""All addresses of the portal: the frame's and, with settings.py the only place, the apps'."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from banzhuang.core import errors

urlpatterns = [
    path("", include("banzhuang.dashboards.urls")),
    path("", include("banzhuang.accounts.urls")),
    path("", include("banzhuang.indicators.urls")),
    path("", include("banzhuang.duties.urls")),
    path("imports/", include("banzhuang.ledgers.urls")),
    path("exports/", include("banzhuang.ledgers.export_urls")),
    path("reports/", include("banzhuang.reports.urls")),
    path("villages/", include("villages.urls")),
    path("cadres/", include("cadres.urls")),
    path("livelihood/", include("livelihood.urls")),
    path("", include("banzhuang.core.urls")),
    path("admin/", admin.site.urls),
    path("healthz", login_not_required(errors.healthz), name="health"),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error
