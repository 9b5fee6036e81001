from django.urls import path

from entente.alerts import views

urlpatterns = [
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/new/", views.alert_new, name="alert_new"),
    path("alerts/<int:pk>/", views.alert, name="alert"),
    path("alerts/<int:pk>/pause/", views.alert_pause, name="alert_pause"),
    path("alerts/<int:pk>/delete/", views.alert_delete, name="alert_delete"),
    path("alerts/<int:pk>/test/", views.alert_test, name="alert_test"),
    path("alerts/addresses/", views.addresses, name="alert_addresses"),
    path("alerts/addresses/<int:pk>/test/", views.address_test, name="alert_address_test"),
    path("alerts/addresses/<int:pk>/remove/", views.address_remove, name="alert_address_remove"),
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/read/", views.notifications_read, name="notifications_read"),
    path("notifications/<int:pk>/read/", views.notification_read, name="notification_read"),
    path("notifications/stream", views.notification_stream, name="notification_stream"),
    path("deliveries/", views.deliveries, name="deliveries"),
    path("deliveries/<int:pk>/retry/", views.delivery_retry, name="delivery_retry"),
]
