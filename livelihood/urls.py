from django.urls import path

from .views import evening, handover, household, households, need, plan, quota, sheet, visit, visits

urlpatterns = [
    path("households/", households.households, name="households"),
    path("households/<int:pk>/", household.household, name="household"),
    path("households/<int:pk>/reveal/", household.reveal_household, name="reveal_household"),
    path("members/<int:pk>/reveal/", household.reveal_member, name="reveal_member"),
    path("visits/", visits.visits, name="visits"),
    path("quota/", quota.visit_quota, name="visit_quota"),
    path("needs/", need.needs, name="needs"),
    path("needs/<int:pk>/", need.need, name="need"),
    path("visits/plan/", plan.visit_plan, name="visit_plan"),
    path("visits/<int:pk>/", visit.visit, name="visit"),
    path("visits/<int:pk>/edit/", visit.edit_visit, name="edit_visit"),
    path("visits/photos/<int:pk>/<str:size>/", visit.visit_photo, name="visit_photo"),
    path("households/<int:pk>/visits/new/", visit.record_visit, name="record_visit"),
    path("contacts/handover/", handover.handover, name="handover"),
    path("visits/sheet/", sheet.visit_sheet, name="visit_sheet"),
    path("visits/evening/", evening.evening_visits, name="evening_visits"),
]
