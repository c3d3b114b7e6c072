//! What is said when settings are wrong: everything, at once, where it is.

use std::time::Duration;

use purlin_core::config::{Config, Origin, Problems, Setting, Sources};

use super::{SettingsFile, errors, lines};

#[derive(Setting, Debug, PartialEq)]
enum Env {
    Development,
    Production,
}

#[derive(Config, Debug)]
#[expect(dead_code, reason = "some are only shown")]
#[config(check = ports_differ)]
struct App {
    #[config(default = "development")]
    app_env: Env,
    #[config(default = 3000, range = 1..=9999)]
    port: u16,
    #[config(default = 3001)]
    management_port: u16,
    #[config(default = "15m", min = "1m", max = "1h")]
    access_ttl: Duration,
    #[config(required_if(app_env = "production"))]
    public_url: Option<String>,
    #[config(flatten)]
    sql: Sql,
}

#[derive(Config, Debug)]
#[expect(dead_code, reason = "some are only shown")]
struct Sql {
    #[config(check = is_known)]
    database_url: String,
}

fn is_known(url: &str) -> Result<(), String> {
    if url.starts_with("sqlite:") {
        return Ok(());
    }
    Err("expected sqlite:…".into())
}

fn ports_differ(app: &App, problems: &mut Problems) {
    if app.port == app.management_port {
        problems.add("management_port", "must not be that of `port`");
    }
}

fn with_database() -> Sources {
    Sources::new().env([("DATABASE_URL", "sqlite::memory:")])
}

#[test]
fn every_problem_is_reported_at_once_with_its_setting_and_its_place() {
    let file = SettingsFile::new("port = 'abc'\n\nprot = 1\naccess_ttl = 15\n");
    let sources = file.sources().env([("MANAGEMENT_PORT", "70000")]).flags([
        "--app-env",
        "prod",
        "--acess-ttl=1m",
        "stray",
    ]);
    assert_eq!(
        file.problems::<App>(&sources),
        [
            "flag number 4: expected a flag, such as --name value",
            "app_env (flag --app-env): expected `development` or `production`, found \"prod\"",
            "port (app.toml:1): expected a whole number from 0 to 65535, at least 1, at most 9999, found \"abc\"",
            "management_port (environment variable MANAGEMENT_PORT): expected a whole number from 0 to 65535, found \"70000\"",
            "access_ttl (app.toml:4): expected a duration such as 500ms, 10s, 15m, 12h or 30d, at least 1m, at most 1h, found 15",
            "database_url (not set): is required; give it as database_url in the file, DATABASE_URL in the environment, or --database-url",
            "app.toml:3: there is no setting prot; did you mean port?",
            "flag --acess-ttl: there is no such flag; did you mean --access-ttl?",
        ]
    );
}

#[test]
fn origins_and_settings_can_be_read_by_programs() {
    let errors = errors::<App>(&with_database().flags(["--port", "0"]));
    let [problem] = errors.problems() else {
        panic!("{errors}")
    };
    assert_eq!(problem.setting.as_deref(), Some("port"));
    assert_eq!(problem.origin, Origin::Flag("--port".into()));
    assert_eq!(problem.message, "expected at least 1, found \"0\"");
}

#[test]
fn bounds_are_included() {
    for (flag, good) in [
        ("--port=1", true),
        ("--port=9999", true),
        ("--port=10000", false),
        ("--access-ttl=60s", true),
        ("--access-ttl=59s", false),
        ("--access-ttl=60m", true),
        ("--access-ttl=3601s", false),
    ] {
        let loaded = App::load(&with_database().flags([flag]));
        assert_eq!(loaded.is_ok(), good, "{flag}: {:?}", loaded.err());
    }
}

#[test]
fn a_check_of_ones_own_says_what_is_wrong() {
    let sources = Sources::new().flags(["--database-url", "mysql://x"]);
    assert_eq!(
        lines::<App>(&sources),
        ["database_url (flag --database-url): expected sqlite:…, found \"mysql://x\""]
    );
}

#[test]
fn a_check_of_settings_together_names_where_the_setting_came_from() {
    let sources = with_database().flags(["--port", "3001"]);
    let said = "management_port (default): must not be that of `port`";
    assert_eq!(lines::<App>(&sources), [said]);
}

#[test]
fn what_is_required_in_one_case_is_required_in_that_case_only() {
    assert!(App::load(&with_database()).is_ok());
    let production = with_database().flags(["--app-env", "production"]);
    assert_eq!(
        lines::<App>(&production),
        [
            "public_url (not set): is required since app_env is production; give it as public_url \
          in the file, PUBLIC_URL in the environment, or --public-url"
        ]
    );
    let complete = production.env([("PUBLIC_URL", "https://books.test")]);
    assert_eq!(App::load(&complete).unwrap().app_env, Env::Production);
}

#[test]
fn a_broken_file_is_reported_by_line_and_nothing_is_missed_because_of_it() {
    for (text, said) in [
        (
            "port = 1\nport = 2\n",
            "app.toml:2: not TOML: duplicate key port",
        ),
        ("port = \n", "app.toml:1: not TOML: "),
        ("\n\n[sql\nport = 1", "app.toml:3: not TOML: "),
        ("port = 01", "app.toml:1: not TOML: "),
    ] {
        let file = SettingsFile::new(text);
        let problems = file.problems::<App>(&file.sources());
        assert!(problems[0].starts_with(said), "{text:?}: {problems:?}");
        let missing = problems.iter().any(|line| line.contains("is required"));
        assert!(
            !missing,
            "what may be in the broken file was called missing: {problems:?}"
        );
    }
}

#[test]
fn deep_and_odd_files_are_refused_and_do_no_harm() {
    let deep = format!("port = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    let file = SettingsFile::new(deep);
    assert!(file.problems::<App>(&file.sources())[0].starts_with("app.toml:1: not TOML"));
    for (text, said) in [
        ("port = {a = 1}", "found a table"),
        ("[port]\na = 1", "found a table"),
        ("port = 1979-05-27", "found a date or time"),
        ("port = [1]", "found a list of 1"),
        ("port = true", "found true"),
        ("port = 1.5", "found 1.5"),
        ("port = -1", "found -1"),
        (
            "port = 99999999999999999999999999999999999999999",
            "found a number that is too large",
        ),
        (
            "'new\\nline' = 1\n\"a\\nb\" = 1",
            "there is no setting a\\nb",
        ),
    ] {
        let file = SettingsFile::new(text);
        let sources = file.sources().env([("DATABASE_URL", "sqlite::memory:")]);
        let problems = file.problems::<App>(&sources);
        assert!(
            problems.last().unwrap().ends_with(said),
            "{text:?}: {problems:?}"
        );
    }
}

#[test]
fn a_long_value_is_cut_and_control_characters_are_escaped() {
    let long = "x".repeat(1_000);
    let said = lines::<App>(&with_database().flags(["--port", &long]));
    assert!(
        said[0].len() < 250 && said[0].ends_with("xx\"…"),
        "{said:?}"
    );
    let said = lines::<App>(&with_database().flags(["--port", "\u{1b}[2J\n"]));
    assert!(said[0].ends_with(r#"found "\u{1b}[2J\n""#), "{said:?}");
    let said = lines::<App>(&with_database().flags(["--\u{1b}[2J\n", "x"]));
    assert_eq!(said, [r"flag --\u{1b}[2J\n: there is no such flag"]);
}

#[test]
fn a_flag_that_is_there_twice_is_refused() {
    let twice = with_database().flags(["--port", "1", "--port=2"]);
    assert_eq!(lines::<App>(&twice), ["flag --port: is there twice"]);
}

#[test]
fn a_name_that_is_like_none_gets_no_hint() {
    let said = lines::<App>(&with_database().flags(["--colour", "red"]));
    assert_eq!(said, ["flag --colour: there is no such flag"]);
    let long = format!("--{}", "port".repeat(10_000));
    assert_eq!(lines::<App>(&with_database().flags([&long, "x"])).len(), 1);
}

#[test]
fn two_settings_of_one_name_are_a_fault_of_the_program_that_is_reported() {
    #[derive(Config)]
    struct Twice {
        #[config(default = "sqlite:")]
        #[expect(dead_code, reason = "never loaded")]
        database_url: String,
        #[config(flatten)]
        #[expect(dead_code, reason = "never loaded")]
        sql: Sql,
    }
    let said = lines::<Twice>(&Sources::new());
    assert_eq!(
        said,
        ["database_url (default): the program has two settings of this name"]
    );
}

#[test]
fn a_default_that_is_wrong_is_reported_as_the_default() {
    #[derive(Config)]
    struct Wrong {
        #[config(default = "soon")]
        #[expect(dead_code, reason = "never loaded")]
        wait: Duration,
    }
    assert_eq!(
        lines::<Wrong>(&Sources::new()),
        ["wait (default): expected a duration such as 500ms, 10s, 15m, 12h or 30d, found \"soon\""]
    );
}
