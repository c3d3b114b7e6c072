//! `purlin password calibrate`: what it prints, and how it ends.

use std::process::{Command, Output};

fn calibrate(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_purlin"));
    command.args(["password", "calibrate"]).args(arguments);
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn it_prints_parameters_to_paste_and_what_they_took() {
    let (code, stdout, stderr) = calibrate(&["--target", "10s", "--memory-max", "19MiB"]);
    assert_eq!(code, Some(0), "{stderr}");
    let (measured, code) = stdout.trim_end().split_once('\n').unwrap();
    assert!(
        measured.contains(" ms here") && measured.ends_with("19 MiB"),
        "{measured}"
    );
    let rest = code.strip_prefix("Argon2Params::new(19456, ").unwrap();
    assert!(rest.ends_with(", 1)?"), "{code}");
}

#[test]
fn what_no_safe_parameters_reach_is_answered_with_the_least_and_ends_with_1() {
    let (code, stdout, stderr) = calibrate(&["--target", "1ms"]);
    assert_eq!(code, Some(1));
    assert!(
        stdout.contains("Argon2Params::new(19456, 2, 1)?"),
        "{stdout}"
    );
    assert!(stderr.contains("the least"), "{stderr}");
}

#[test]
fn a_wrong_unit_or_bound_ends_with_2() {
    for arguments in [
        ["--target", "250"],
        ["--target", "0ms"],
        ["--target", "11s"],
        ["--memory-max", "64MB"],
        ["--memory-max", "1MiB"],
        ["--memory-max", "4194304MiB"],
        ["--memory-max", "18446744073709551615MiB"],
    ] {
        let (code, stdout, stderr) = calibrate(&arguments);
        assert_eq!(code, Some(2), "{arguments:?} {stdout} {stderr}");
    }
}
