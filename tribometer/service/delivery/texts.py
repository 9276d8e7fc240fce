"""The sentences of invitations, by language."""

from __future__ import annotations

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "subject": "Survey “{title}”: {minutes}, open until {until}",
        "reminder_subject": "Reminder: survey “{title}”, open until {until}",
        "intro": "Tribometer at {place} asks how your work goes: the survey “{title}”. {about} It takes {minutes}.",
        "reminder_intro": "Tribometer at {place} asked how your work goes: the survey “{title}” is still open. {about} "
        "It takes {minutes}.",
        "link": "Your personal link:",
        "open": "Open your survey form",
        "until": "The link works until {until}. Until then you can change your answers.",
        "personal": "This link is yours alone: please do not forward this message.",
        "privacy": "Answers are kept without names. Results are shown only after the survey has closed, and only of "
        "groups of {minimum} or more who answered.",
        "no_reminder": "Taking part is voluntary. To take no part, ignore this message: no further reminder follows.",
        "one_reminder": "Taking part is voluntary. To take no part, ignore this message: no more than one reminder "
        "follows.",
        "reminders": "Taking part is voluntary. To take no part, ignore this message: no more than {left} reminders "
        "follow.",
        "note": "The survey “{title}” of Tribometer at {place} is open until {until}. It takes {minutes}.",
        "reminder_note": "The survey “{title}” of Tribometer at {place} is still open, until {until}. "
        "It takes {minutes}.",
        "note_link": "Whoever is asked has a personal link in their e-mail: please look there.",
        "minute": "about a minute",
        "minutes": "about {minutes} minutes",
        "moment": "{day} {number} {month} {year}, {time} ({zone})",
    },
    "de": {
        "subject": "Umfrage „{title}“: {minutes}, offen bis {until}",
        "reminder_subject": "Erinnerung: Umfrage „{title}“, offen bis {until}",
        "intro": "Tribometer bei {place} fragt, wie deine Arbeit läuft: die Umfrage „{title}“. {about} "
        "Sie dauert {minutes}.",
        "reminder_intro": "Tribometer bei {place} hat gefragt, wie deine Arbeit läuft: die Umfrage „{title}“ ist noch "
        "offen. {about} Sie dauert {minutes}.",
        "link": "Dein persönlicher Link:",
        "open": "Deinen Fragebogen öffnen",
        "until": "Der Link gilt bis {until}. Bis dahin kannst du deine Antworten ändern.",
        "personal": "Dieser Link gehört nur dir: Leite diese Nachricht bitte nicht weiter.",
        "privacy": "Antworten werden ohne Namen aufbewahrt. Ergebnisse werden erst nach dem Ende der Umfrage gezeigt, "
        "und nur von Gruppen, aus denen mindestens {minimum} geantwortet haben.",
        "no_reminder": "Die Teilnahme ist freiwillig. Wer nicht teilnehmen möchte, lässt diese Nachricht liegen: "
        "Es folgt keine weitere Erinnerung.",
        "one_reminder": "Die Teilnahme ist freiwillig. Wer nicht teilnehmen möchte, lässt diese Nachricht liegen: "
        "Es folgt höchstens eine Erinnerung.",
        "reminders": "Die Teilnahme ist freiwillig. Wer nicht teilnehmen möchte, lässt diese Nachricht liegen: "
        "Es folgen höchstens {left} Erinnerungen.",
        "note": "Die Umfrage „{title}“ von Tribometer bei {place} ist offen bis {until}. Sie dauert {minutes}.",
        "reminder_note": "Die Umfrage „{title}“ von Tribometer bei {place} ist noch offen, bis {until}. "
        "Sie dauert {minutes}.",
        "note_link": "Wer gefragt ist, hat einen persönlichen Link in der E-Mail: bitte dort nachsehen.",
        "minute": "etwa eine Minute",
        "minutes": "etwa {minutes} Minuten",
        "moment": "{day}, {number}. {month} {year}, {time} Uhr ({zone})",
    },
}
DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
}
MONTHS = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    "de": (
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember",
    ),
}  # fmt: skip
