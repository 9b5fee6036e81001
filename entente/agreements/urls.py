from django.urls import path

from entente.reports.urls import x

urlpatterns = [path("", x, name="agreement")]
