from django.urls import path

from entente.worker import views

urlpatterns = [
    path("", views.workers, name="workers"),
    path("again/", views.try_all_again, name="try_all_again"),
    path("again/<int:pk>/", views.try_again, name="try_again"),
]
