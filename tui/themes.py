"""How the app looks: light, dark, and high contrast."""

from __future__ import annotations

from textual.theme import Theme

THEMES = (
    Theme(
        "dark",
        primary="#5aa9e6",
        secondary="#8fb8de",
        accent="#f2b33d",
        warning="#f2b33d",
        error="#ef6461",
        success="#7bc47f",
        foreground="#e6e9ec",
        background="#12171c",
        surface="#1b2229",
        panel="#28323c",
        dark=True,
    ),
    Theme(
        "light",
        primary="#1a5fa8",
        secondary="#3d6e9e",
        accent="#9a5b00",
        warning="#9a5b00",
        error="#b3261e",
        success="#1e6b2b",
        foreground="#16202a",
        background="#f7f8fa",
        surface="#e9edf1",
        panel="#d6dde4",
        dark=False,
    ),
    Theme(
        "contrast",
        primary="#ffff00",
        secondary="#00ffff",
        accent="#ffff00",
        warning="#ffff00",
        error="#ff9090",
        success="#00ff00",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#303030",
        dark=True,
        text_alpha=1.0,
    ),
)
