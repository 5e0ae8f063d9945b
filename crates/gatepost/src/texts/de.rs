//! German, without `Sie` wherever a sentence gets by without it. The site is the "Plattform".
//!
//! A noun stands before each place and carries its case and gender: "die Ressource `chat`", or
//! "die Ressource dieser Anfrage" where none was asked for.

use super::{Language, Words};
use crate::code::Code;

pub(super) const LANGUAGE: Language = Language {
    tag: "de",
    what: "dieser Anfrage",
    how: "dieser Anfrage",
    words,
};

words! {
    Unauthenticated: "Anmeldung erforderlich",
        "Die Anfrage weist keine gültige Identität nach.",
        "sich anmelden";
    SubjectSuspended: "Gesperrt",
        "Die Administration der Plattform hat das Konto gesperrt.",
        "das Konto entsperren";
    DelegatorMissing: "Handelt in niemandes Auftrag",
        "Ein Agent muss im Auftrag einer anderen Identität handeln, und sie muss zu einer Person gehören.",
        "ein Token vorlegen, das die Person nennt, in deren Auftrag gehandelt wird";
    ScopeMissing: "Vom Token nicht abgedeckt",
        "Das Token ist auf Scopes beschränkt, die diese Anfrage nicht abdecken.",
        "ein Token mit weiter gefassten Scopes vorlegen";
    SiteOff: "Auf dieser Plattform ausgeschaltet",
        "Die Administration der Plattform kann die Ressource {what} einschalten.",
        "die Ressource {what} einschalten";
    SiteDenied: "Auf dieser Plattform verboten",
        "Eine Rolle auf der Plattform verbietet diese Aktion für die Ressource {what}.",
        "die Rolle entfernen, die diese Aktion verbietet";
    SiteGrantMissing: "Auf dieser Plattform nicht erlaubt",
        "Keine Rolle auf der Plattform erlaubt diese Aktion für die Ressource {what}.",
        "eine Rolle vergeben, die diese Aktion erlaubt";
    SiteModeOff: "Auf dieser Plattform ausgeschaltet",
        "Die Administration der Plattform kann den Modus {how} für die Ressource {what} einschalten.",
        "den Modus {how} für die Ressource {what} einschalten";
    OrgRequired: "Keine Organisation angegeben",
        "Die Anfrage muss eine Organisation angeben.",
        "eine Organisation angeben";
    OrgConflict: "Mehr als eine Organisation angegeben",
        "Die Anfrage gibt an verschiedenen Stellen verschiedene Organisationen an.",
        "genau eine Organisation angeben";
    NoDefaultOrg: "Keine Standardorganisation",
        "Die Anfrage gibt keine Organisation an, und es ist keine Standardorganisation festgelegt.",
        "eine Organisation angeben oder eine Standardorganisation festlegen";
    NotAMember: "Kein Mitglied",
        "Es gibt keine solche Organisation, oder sie steht nur ihren Mitgliedern offen.",
        "als Mitglied in die Organisation aufnehmen";
    OrgSuspended: "Organisation gesperrt",
        "Die Organisation oder eine ihr übergeordnete ist gesperrt.",
        "die Organisation entsperren";
    OrgOff: "In dieser Organisation ausgeschaltet",
        "Die Administration der Organisation kann die Ressource {what} einschalten.",
        "die Ressource {what} einschalten";
    OrgModeOff: "In dieser Organisation ausgeschaltet",
        "Die Administration der Organisation kann den Modus {how} für die Ressource {what} einschalten.",
        "den Modus {how} für die Ressource {what} einschalten";
    OrgDenied: "In dieser Organisation verboten",
        "Eine Rolle in der Organisation verbietet diese Aktion für die Ressource {what}.",
        "die Rolle entfernen, die diese Aktion verbietet";
    OrgGrantMissing: "In dieser Organisation nicht erlaubt",
        "Keine Rolle in der Organisation erlaubt diese Aktion für die Ressource {what}.",
        "eine Rolle vergeben, die diese Aktion erlaubt";
    ModeFloor: "Eine höhere Rolle ist erforderlich",
        "Der Modus {how} erfordert für die Ressource {what} eine höhere Rolle in der Organisation.",
        "die erforderliche Rolle vergeben oder, wo die Plattform es zulässt, die Mindestrolle senken";
    BadRequest: "Ungültige Anfrage",
        "Die Anfrage ist nicht lesbar.",
        "die Anfrage korrigieren";
    BodyTooLarge: "Inhalt zu groß",
        "Der Inhalt der Anfrage ist größer, als diese Route liest.",
        "einen kleineren Inhalt senden";
    PolicyUnavailable: "Vorübergehend nicht verfügbar",
        "Die Angaben, nach denen über diese Anfrage entschieden wird, sind derzeit nicht lesbar.",
        "es später erneut versuchen";
    PolicyStale: "Vorübergehend nicht verfügbar",
        "Die Angaben, nach denen über diese Anfrage entschieden wird, sind zu alt, um verlässlich zu sein.",
        "es später erneut versuchen";
    PermitMissing: "Interner Fehler",
        "Die Route ist nicht so eingerichtet, dass über diese Anfrage entschieden werden kann.";
    TicketInvalid: "Ungültiges Ticket",
        "Das Ticket der Aufgabe wurde nicht für sie ausgestellt.",
        "die Aufgabe erneut einreihen";
    TicketExpired: "Abgelaufenes Ticket",
        "Die Aufgabe hat länger gewartet, als ihr Ticket gilt.",
        "die Aufgabe erneut einreihen";
}
