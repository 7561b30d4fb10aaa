from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "banzhuang.dashboards"
    verbose_name = "首页与总览"
