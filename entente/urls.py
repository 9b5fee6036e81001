"""All addresses. Each room has its own; errors are shown in our design."""

from django.urls import include, path

from entente.api.views import metrics

urlpatterns = [
    path("", include("entente.members.urls")),
    path("api/v1/", include("entente.api.urls")),
    path("metrics", metrics, name="metrics"),
    path("", include("entente.web.urls")),
]

handler400 = "entente.api.errors.bad_request"
handler403 = "entente.api.errors.forbidden"
handler404 = "entente.api.errors.not_found"
handler500 = "entente.api.errors.server_error"
