"""The addresses of all pages: each room's own, the style guide, and the health of this process."""

from django.urls import include, path

from entente.web import views

urlpatterns = [
    path("", include("entente.reports.urls")),
    path("", include("entente.routing.urls")),
    path("clocks/", include("entente.sla.urls")),
    path("agreement/", include("entente.agreements.urls")),
    path("imports/", include("entente.connectors.urls")),
    path("ingestion/", include("entente.events.urls")),
    path("", include("entente.alerts.urls")),
    path("worker/", include("entente.worker.urls")),
    path("design/", views.design, name="design"),
    path("healthz", views.health, name="health"),
]
