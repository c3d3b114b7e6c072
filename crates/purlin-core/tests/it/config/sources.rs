//! Where settings come from, and who wins.

use std::{ffi::OsString, fs};

use purlin_core::config::{Config, Sources, take_flag};

use super::{SettingsFile, lines};

#[derive(Config, Debug, PartialEq)]
struct Server {
    #[config(default = "127.0.0.1")]
    host: String,
    #[config(default = 3000)]
    port: u16,
}

fn port(sources: &Sources) -> u16 {
    Server::load(sources).unwrap().port
}

#[test]
fn without_sources_the_defaults_hold() {
    let server = Server::load(&Sources::new()).unwrap();
    assert_eq!(
        server,
        Server {
            host: "127.0.0.1".into(),
            port: 3000
        }
    );
}

#[test]
fn the_file_wins_over_defaults_the_environment_over_the_file_flags_over_all() {
    let file = SettingsFile::new("port = 1\n");
    let with_file = file.sources();
    assert_eq!(port(&with_file), 1);
    let with_environment = with_file.env([("PORT", "2")]);
    assert_eq!(port(&with_environment), 2);
    assert_eq!(port(&with_environment.clone().flags(["--port", "3"])), 3);
    assert_eq!(port(&with_environment.flags(["--port=4"])), 4);
}

#[test]
fn the_order_of_the_calls_does_not_matter_but_that_of_the_files_does() {
    let (first, second) = (SettingsFile::new("port = 1"), SettingsFile::new("port = 2"));
    let sources = Sources::new()
        .flags(["--host", "::1"])
        .env([("HOST", "0.0.0.0")]);
    let sources = sources.file(first.folder.path().join("app.toml"), true);
    let sources = sources.file(second.folder.path().join("app.toml"), true);
    let server = Server::load(&sources).unwrap();
    assert_eq!(
        server,
        Server {
            host: "::1".into(),
            port: 2
        }
    );
}

#[test]
fn a_wrong_value_that_another_source_overrides_does_no_harm() {
    let file = SettingsFile::new("port = 'abc'");
    assert_eq!(port(&file.sources().env([("PORT", "2")])), 2);
}

#[test]
fn an_empty_variable_is_not_set_and_unknown_variables_are_nobodys_business() {
    let sources = Sources::new().env([("PORT", ""), ("PROT", "1"), ("port", "2")]);
    assert_eq!(port(&sources), 3000);
}

#[test]
fn a_file_may_be_missing_if_it_is_not_required() {
    let file = SettingsFile::new("");
    let missing = file.folder.path().join("missing.toml");
    assert_eq!(port(&Sources::new().file(&missing, false)), 3000);
    let problems = file.problems::<Server>(&Sources::new().file(&missing, true));
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].starts_with("missing.toml: cannot be read: "),
        "{problems:?}"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_a_problem_even_if_it_is_not_required() {
    let file = SettingsFile::new("");
    let folder = file.folder.path();
    let said = |name: &str| file.problems::<Server>(&Sources::new().file(folder.join(name), false));
    fs::create_dir(folder.join("folder.toml")).unwrap();
    assert!(said("folder.toml")[0].starts_with("folder.toml: cannot be read: "));
    fs::write(folder.join("bytes.toml"), b"host = \"\xff\"").unwrap();
    assert!(said("bytes.toml")[0].starts_with("bytes.toml: cannot be read: "));
    fs::write(folder.join("long.toml"), "#".repeat(1 << 20)).unwrap();
    assert_eq!(
        port(&Sources::new().file(folder.join("long.toml"), false)),
        3000
    );
    fs::write(folder.join("long.toml"), "#".repeat((1 << 20) + 1)).unwrap();
    assert_eq!(
        said("long.toml"),
        ["long.toml: cannot be read: longer than 1048576 bytes"]
    );
}

#[test]
fn a_value_that_looks_like_a_flag_is_given_after_an_equals_sign() {
    let host = |flags: &[&str]| Server::load(&Sources::new().flags(flags)).map(|s| s.host);
    assert_eq!(host(&["--host=--odd=host"]).unwrap(), "--odd=host");
    assert_eq!(host(&["--host", "-"]).unwrap(), "-");
    assert_eq!(
        lines::<Server>(&Sources::new().flags(["--host", "--port", "1"])),
        ["flag --host: has no value"]
    );
}

#[test]
fn one_flag_is_taken_out_before_the_others_are_read() {
    let arguments = |text: &str| -> Vec<OsString> { text.split(' ').map(Into::into).collect() };
    for (text, left) in [
        ("--config a.toml --port 1", "--port 1"),
        ("--port 1 --config=a.toml --host=h", "--port 1 --host=h"),
    ] {
        let mut given = arguments(text);
        let taken = take_flag(&mut given, "config").unwrap();
        assert_eq!(taken, Some("a.toml".into()));
        assert_eq!(given, arguments(left));
    }
    let mut given = arguments("--port 1");
    assert_eq!(take_flag(&mut given, "config").unwrap(), None);
    for (text, said) in [
        ("--config", "flag --config: has no value"),
        ("--config --port 1", "flag --config: has no value"),
        ("--config a --config b", "flag --config: is there twice"),
    ] {
        let error = take_flag(&mut arguments(text), "config").unwrap_err();
        assert_eq!(error.to_string(), said);
    }
}

#[cfg(unix)]
#[test]
fn what_is_not_utf_8_is_refused_where_it_is_a_setting_and_ignored_elsewhere() {
    use std::os::unix::ffi::OsStringExt;
    let bad = || OsString::from_vec(vec![b'a', 0xff]);
    let ignored = Sources::new().env([("OTHER".into(), bad()), (bad(), bad())]);
    assert_eq!(port(&ignored), 3000);
    let refused = Sources::new().env([("HOST", bad())]);
    assert_eq!(
        lines::<Server>(&refused),
        [
            "host (environment variable HOST): expected text (in UTF-8), found bytes that are not text"
        ]
    );
    let flag = OsString::from_vec(b"--h\xff=\xff".to_vec());
    assert_eq!(lines::<Server>(&Sources::new().flags([flag])).len(), 1);
}
