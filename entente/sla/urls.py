from django.urls import path

from entente.sla import views

urlpatterns = [path("", views.clocks, name="clocks")]
