"""Addresses of routing: the queue, the teams, one rep, one decision."""

from django.urls import path

from entente.routing import views

urlpatterns = [
    path("waiting/", views.queue, name="waiting"),
    path("waiting/admitted/", views.admissions, name="admissions"),
    path("teams/", views.team, name="team"),
    path("teams/reps/<str:rep>/", views.rep, name="rep"),
    path("teams/reps/<str:rep>/absences/", views.rep_absences, name="rep_absences"),
    path("teams/reps/<str:rep>/capacity/", views.rep_capacity, name="rep_capacity"),
    path("teams/reps/<str:rep>/leaving/", views.leaving, name="leaving"),
    path("teams/what-if/", views.what_if, name="what_if"),
    path("teams/why/<int:pk>/", views.why, name="why"),
    path("teams/absences/<int:pk>/end/", views.absence_end, name="absence_end"),
]
