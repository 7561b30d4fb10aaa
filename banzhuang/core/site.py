"""The admin site: data only. Logging in and out, and passwords, are the portal's, with its rules and its trail."""

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator


class DataAdmin(AdminSite):
    site_header = "数据管理"
    site_title = "数据管理"
    index_title = "各类台账"
    enable_nav_sidebar = False

    def get_urls(self):
        """Without "view on site": it turns the number of any row into its address."""
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    @method_decorator(login_not_required)
    def login(self, request, extra_context=None):
        """Where the admin sends whom it does not let in: to the portal's log-in, or to a page that says why."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next", request.path))
        if self.has_permission(request):
            return redirect("admin:index")
        return render(request, "admin/login.html", status=403)

    def logout(self, request, extra_context=None):
        return redirect("logout", preserve_request=True)

    def password_change(self, request, extra_context=None):
        return redirect("password_change")

    def password_change_done(self, request, extra_context=None):
        return redirect("password_change")
