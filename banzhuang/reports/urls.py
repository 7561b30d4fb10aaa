from django.urls import path

from . import views

urlpatterns = [
    path("", views.archive, name="reports"),
    path("make/", views.make_month, name="make_month"),
    path("<int:pk>/", views.workbook, name="workbook"),
    path("<int:pk>/download/", views.download, name="workbook_download"),
    path("<int:pk>/sheets/<int:number>/", views.download_sheet, name="workbook_sheet"),
    path("<int:pk>/publish/", views.publish, name="workbook_publish"),
    path("<int:pk>/differences/", views.differences, name="workbook_differences"),
]
