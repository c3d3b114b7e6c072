//! What a value may be, as text and in a file.

use std::{
    fmt::Debug,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use purlin_core::config::{FileValue, Setting};

fn reads<T: Setting + PartialEq + Debug>(text: &str, value: T) {
    assert_eq!(T::from_text(text), Ok(value), "{text:?}");
}

fn refuses<T: Setting + Debug>(texts: &[&str]) {
    for text in texts {
        assert!(
            T::from_text(text).is_err(),
            "{text:?} was read as {}",
            T::form()
        );
    }
}

#[test]
fn durations_are_a_whole_number_and_a_unit() {
    reads("500ms", Duration::from_millis(500));
    reads("10s", Duration::from_secs(10));
    reads("15m", Duration::from_secs(900));
    reads("12h", Duration::from_secs(43_200));
    reads("30d", Duration::from_secs(2_592_000));
    reads("0s", Duration::ZERO);
    let odd = [
        "", "s", "5", "5 s", " 5s", "-5s", "+5s", "1.5s", "5S", "1h30m", "5µs", "５s",
    ];
    refuses::<Duration>(&odd);
    refuses::<Duration>(&["18446744073709551616s", "18446744073709551615d"]);
}

#[test]
fn truth_has_four_words() {
    for (text, value) in [
        ("true", true),
        ("on", true),
        ("false", false),
        ("off", false),
    ] {
        reads(text, value);
        assert_eq!(bool::from_file(&FileValue::Text(text.into())), Ok(value));
        assert_eq!(bool::from_file(&FileValue::Bool(value)), Ok(value));
    }
    refuses::<bool>(&["", "True", "yes", "1", "ON "]);
    assert!(bool::from_file(&FileValue::Integer(1)).is_err());
}

#[test]
fn whole_numbers_stay_within_their_type() {
    reads("65535", 65_535_u16);
    reads("-128", -128_i8);
    refuses::<u16>(&["", "65536", "-1", "1.0", "1e3", "0x10", " 1", "1_000"]);
    assert_eq!(
        u64::from_file(&FileValue::Integer(u64::MAX.into())),
        Ok(u64::MAX)
    );
    assert!(u16::from_file(&FileValue::Integer(65_536)).is_err());
    assert!(
        u16::from_file(&FileValue::Text("1".into())).is_err(),
        "text is no number in TOML"
    );
    assert!(
        String::from_file(&FileValue::Integer(1)).is_err(),
        "a number is no text in TOML"
    );
}

#[test]
fn numbers_are_finite() {
    reads("0.5", 0.5);
    assert_eq!(f64::from_file(&FileValue::Integer(2)), Ok(2.0));
    refuses::<f64>(&["", "inf", "NaN", "1e999", "half"]);
    assert!(f64::from_file(&FileValue::Float(f64::INFINITY)).is_err());
}

#[test]
fn lists_are_separated_by_commas_or_lists_in_the_file() {
    let addresses = |texts: &[&str]| -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    };
    reads("127.0.0.1, ::1", addresses(&["127.0.0.1", "::1"]));
    reads("", addresses(&[]));
    refuses::<Vec<IpAddr>>(&["127.0.0.1,", ",", "localhost"]);
    let list = FileValue::List(vec![FileValue::Integer(1), FileValue::Integer(2)]);
    assert_eq!(Vec::<u8>::from_file(&list), Ok(vec![1, 2]));
    let mixed = FileValue::List(vec![FileValue::Integer(1), FileValue::Bool(true)]);
    assert!(Vec::<u8>::from_file(&mixed).is_err());
}

#[test]
fn paths_and_addresses_are_read_and_options_may_be_left_out() {
    reads("data/covers", PathBuf::from("data/covers"));
    refuses::<PathBuf>(&["", "nul\0"]);
    reads("[::1]:80", "[::1]:80".parse::<SocketAddr>().unwrap());
    reads("7", Some(7_u8));
    assert_eq!(Option::<u8>::absent(), Some(None));
    assert_eq!(u8::absent(), None);
}

#[test]
fn an_enum_is_read_by_its_words() {
    #[derive(Setting, Debug, PartialEq)]
    enum Switch {
        On,
        DryRun,
        #[setting(name = "never")]
        Off,
    }
    assert_eq!(Switch::form(), "`on`, `dry_run` or `never`");
    reads("on", Switch::On);
    reads("dry_run", Switch::DryRun);
    reads("never", Switch::Off);
    refuses::<Switch>(&["", "off", "On", "on "]);
}
