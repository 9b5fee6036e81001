"""All addresses. Each room has its own; errors are shown in our design."""

from django.urls import include, path

urlpatterns = [
    path("", include("entente.members.urls")),
    path("", include("entente.web.urls")),
]

handler400 = "entente.web.errors.bad_request"
handler403 = "entente.web.errors.forbidden"
handler404 = "entente.web.errors.not_found"
handler500 = "entente.web.errors.server_error"
