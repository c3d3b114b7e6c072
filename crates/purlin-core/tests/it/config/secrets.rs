//! Secrets are nowhere to be read.

use purlin_core::config::{Config, Secret, Sources, help};

use super::{SettingsFile, errors};

const HIDDEN: &str = "hunter2";

#[derive(Config, Debug)]
#[expect(dead_code, reason = "some are only shown")]
struct App {
    /// Signs tokens.
    #[config(check = long_enough)]
    app_secret: Secret<String>,
    #[config(secret, max = 9)]
    pin: Option<u32>,
    #[config(default = "hunter2,hunter2")]
    webhook_secrets: Vec<Secret<String>>,
}

fn long_enough(secret: &Secret<String>) -> Result<(), String> {
    if secret.expose().len() >= 32 {
        return Ok(());
    }
    Err("expected at least 32 bytes".into())
}

#[test]
fn a_secret_does_not_print_debug_or_serialise() {
    let secret = Secret::new(HIDDEN.to_owned());
    assert_eq!(format!("{secret} {secret:?} {secret:#?}"), "*** *** ***");
    assert_eq!(serde_json::to_string(&secret).unwrap(), r#""***""#);
    let long = "0123456789abcdef0123456789abcdef".to_owned();
    let app = App::load(&Sources::new().flags(["--app-secret", &long])).unwrap();
    assert_eq!(app.app_secret.expose(), &long);
    let shown = format!("{app:?}");
    assert!(
        !shown.contains("0123") && !shown.contains(HIDDEN),
        "{shown}"
    );
    assert_eq!(app.webhook_secrets[1].expose(), HIDDEN);
}

#[test]
fn no_error_shows_the_value_of_a_secret_whatever_is_wrong_with_it() {
    let file = |text: &str| SettingsFile::new(text);
    let files = [
        file("app_secret = 'hunter2'"),
        file("app_secret = ['hunter2']"),
        file("app_secret = 'hunter2"),
        file("app_secret = hunter2"),
        file("app_secret = 'a'\napp_secret = 'hunter2'"),
        file("app_secert = 'hunter2'"),
        file("app_secret = { hunter2 = 'hunter2' }"),
        file("pin = 'hunter2'"),
    ];
    let sources = files.iter().map(SettingsFile::sources).chain([
        Sources::new().env([("APP_SECRET", HIDDEN)]),
        Sources::new().env([("PIN", HIDDEN)]),
        Sources::new().flags(["--app-secret", HIDDEN]),
        Sources::new().flags(["--app-secert", HIDDEN]),
        Sources::new().flags(["--app-secert=hunter2"]),
        Sources::new().flags(["--app-secret", "correct", HIDDEN]),
        Sources::new().flags([HIDDEN]),
    ]);
    for sources in sources {
        let errors = errors::<App>(&sources);
        let shown = format!("{errors} {errors:?} {sources:?}");
        assert!(!shown.contains(HIDDEN), "{shown}");
    }
}

#[test]
fn an_error_about_a_secret_says_what_is_expected() {
    let said = errors::<App>(&Sources::new().env([("APP_SECRET", HIDDEN), ("PIN", "1234")]));
    assert_eq!(
        said.to_string(),
        "app_secret (environment variable APP_SECRET): expected at least 32 bytes; the value is secret and not shown\n\
         pin (environment variable PIN): expected at most 9; the value is secret and not shown"
    );
}

#[test]
fn an_empty_secret_is_refused() {
    let file = SettingsFile::new("app_secret = ''");
    for sources in [file.sources(), Sources::new().flags(["--app-secret="])] {
        let said = errors::<App>(&sources).to_string();
        assert!(said.contains("expected text, not empty;"), "{said}");
    }
}

#[test]
fn the_help_does_not_show_the_default_of_a_secret() {
    let text = help(&App::describe());
    assert!(text.contains("default: not shown"), "{text}");
    assert!(!text.contains(HIDDEN), "{text}");
}
