"""The icons: a few strokes each, drawn for this product on a grid of 24."""

from __future__ import annotations

from typing import Final

# Strokes are not prose; the formatter would tear them apart.
# fmt: off
ICONS: Final[dict[str, str]] = {
    "overview": '<path d="M4 13h6V4H4zM14 20h6V4h-6zM4 20h6v-3H4z"/>',
    "funnel": '<path d="M3 5h18l-7 8v6l-4 2v-8z"/>',
    "people": '<circle cx="9" cy="8" r="3.5"/><path d="M2.5 20a6.5 6.5 0 0 1 13 0M16 '
        '4.8a3.5 3.5 0 0 1 0 6.4M18 14a6.5 6.5 0 0 1 3.5 6"/>',
    "handoffs": '<path d="M3 12h13M12 7l5 5-5 5M20 5v14"/>',
    "worker": '<circle cx="12" cy="12" r="4"/>'
        '<path d="M12 3v3M12 18v3M3 12h3M18 12h3M6 6l2 2M16 16l2 2M6 18l2-2M16 8l2-2"/>',
    "queue": '<path d="M4 6h16M4 12h10M4 18h6"/><circle cx="18" cy="16" r="3.5"/><path d="M18 14.3V16l1.2.8"/>',
    "team": '<circle cx="12" cy="6" r="3"/><circle cx="5" cy="17" r="3"/><circle cx="19" cy="17" r="3"/>'
        '<path d="M12 9v4M12 13l-5 2.5M12 13l5 2.5"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>',
    "agreement": '<path d="M6 3h9l4 4v14H6zM15 3v4h4M9 12h7M9 16h4"/>',
    "import": '<path d="M12 3v12M7 10l5 5 5-5M4 21h16"/>',
    "ingestion": '<path d="M3 5h6M3 12h6M3 19h6M9 5l6 7M9 12h6M9 19l6-7M15 12h6"/>',
    "members": '<circle cx="12" cy="8" r="4"/><path d="M4 21a8 8 0 0 1 16 0"/>',
    "key": '<circle cx="8" cy="16" r="4"/><path d="M11 13l8.5-8.5M16 8l3 3"/>',
    "trail": '<path d="M5 4v16M5 6h9M5 12h13M5 18h6"/>',
    "bell": '<path d="M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 21h4"/>',
    "outbox": '<path d="M3 12l18-8-6 17-4-7zM11 14l10-10"/>',
    "settings": '<path d="M4 7h10M18 7h2M4 17h2M10 17h10"/>'
        '<circle cx="16" cy="7" r="2"/><circle cx="8" cy="17" r="2"/>',
    "leave": '<path d="M14 4h5v16h-5M4 12h11M11 8l4 4-4 4"/>',
    "search": '<circle cx="11" cy="11" r="6.5"/><path d="M16 16l5 5"/>',
    "download": '<path d="M12 4v11M8 11l4 4 4-4M5 20h14"/>',
    "add": '<path d="M12 5v14M5 12h14"/>',
    "success": '<path d="M4 12.5l5 5L20 6.5"/>',
    "warning": '<path d="M12 4l9 16H3zM12 10v4M12 17v.5"/>',
    "error": '<circle cx="12" cy="12" r="9"/><path d="M12 7v6M12 16v.5"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v6M12 7.5v.5"/>',
    "up": '<path d="M6 15l6-6 6 6"/>',
    "down": '<path d="M6 9l6 6 6-6"/>',
    "design": '<circle cx="8" cy="9" r="4.5"/><path d="M12 13h8v7h-8zM16 3l4 6h-8z"/>',
    "sun": '<circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2'
        'M5.6 5.6L7 7M17 17l1.4 1.4M5.6 18.4L7 17M17 7l1.4-1.4"/>',
    "moon": '<path d="M19 14.5A8 8 0 0 1 9.5 5 8 8 0 1 0 19 14.5z"/>',
}
# fmt: on
