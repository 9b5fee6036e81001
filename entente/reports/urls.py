from django.urls import path

from entente.reports import handoff_views, people_views, views, waits_views

urlpatterns = [
    path("", views.overview, name="overview"),
    path("funnel/", views.funnel, name="funnel"),
    path("deals/", views.deals, name="deals"),
    path("promises/", views.promises, name="promises"),
    path("promises/<str:party>/<int:place>/", views.promise, name="promise"),
    path("follow-up/", waits_views.follow_up, name="follow_up"),
    path("follow-up/list/", waits_views.follow_up_list, name="follow_up_list"),
    path("handoffs/", handoff_views.handoffs, name="handoffs"),
    path("handoffs/<int:pk>/<str:deed>/", handoff_views.handoff_deed, name="handoff_deed"),
    path("people/", people_views.people, name="people"),
    path("people/export/", people_views.people_csv, name="people_csv"),
    path("people/<int:pk>/", people_views.person, name="person"),
    path("people/<int:pk>/story/", people_views.person_story, name="person_story"),
]
