//! The derive, and the same by hand.

use purlin_core::config::{Config, Description, Problems, Reader, Secret, Sources, Spec, help};

use super::{SettingsFile, lines};

fn is_even(number: &u16) -> Result<(), String> {
    number
        .is_multiple_of(2)
        .then_some(())
        .ok_or_else(|| "expected an even number".into())
}

mod derived {
    use super::*;

    #[derive(Config, Debug)]
    #[expect(dead_code, reason = "some are only shown")]
    #[config(check = differ)]
    pub(super) struct Settings {
        /// Where to listen.
        ///
        /// 0 is a free port.
        #[config(default = 3000, min = 2, max = 4000, check = is_even)]
        port: u16,
        #[config(name = "type", default = -1)]
        r#kind: i8,
        #[config(required_if(port = 80))]
        token: Option<Secret<String>>,
        #[config(flatten)]
        sql: Sql,
    }

    #[derive(Config, Debug)]
    #[expect(dead_code, reason = "some are only shown")]
    pub(super) struct Sql {
        /// Where the data is.
        #[config(secret)]
        database_url: String,
    }

    fn differ(settings: &Settings, problems: &mut Problems) {
        if i32::from(settings.port) == i32::from(settings.kind) {
            problems.add("port", "must differ from `type`");
        }
    }
}

mod by_hand {
    use super::*;

    #[derive(Debug)]
    pub(super) struct Settings {
        port: u16,
        kind: i8,
        #[expect(dead_code, reason = "shown only")]
        token: Option<Secret<String>>,
        #[expect(dead_code, reason = "shown only")]
        sql: Sql,
    }

    impl Config for Settings {
        fn read(reader: &mut Reader) -> Option<Self> {
            let port = Spec::<u16>::new("port")
                .help("Where to listen.\n\n0 is a free port.")
                .default("3000")
                .min("2")
                .max("4000")
                .check(is_even);
            let port = reader.setting(port);
            let kind = reader.setting(Spec::<i8>::new("type").default("-1"));
            let token = Spec::<Option<Secret<String>>>::new("token").required_if("port", "80");
            let token = reader.setting(token);
            let sql = <Sql as Config>::read(reader);
            let (port, kind, token, sql) = (port?, kind?, token?, sql?);
            let this = Self {
                port,
                kind,
                token,
                sql,
            };
            reader.checked(this, differ)
        }
    }

    #[derive(Debug)]
    pub(super) struct Sql {
        #[expect(dead_code, reason = "shown only")]
        database_url: String,
    }

    impl Config for Sql {
        fn read(reader: &mut Reader) -> Option<Self> {
            let spec = Spec::<String>::new("database_url")
                .help("Where the data is.")
                .secret();
            let database_url = reader.setting(spec)?;
            Some(Self { database_url })
        }
    }

    fn differ(settings: &Settings, problems: &mut Problems) {
        if i32::from(settings.port) == i32::from(settings.kind) {
            problems.add("port", "must differ from `type`");
        }
    }
}

#[test]
fn the_derive_and_the_same_by_hand_describe_the_same_settings() {
    assert_eq!(derived::Settings::describe(), by_hand::Settings::describe());
}

#[test]
fn the_derive_and_the_same_by_hand_read_the_same_and_find_the_same_problems() {
    let file = SettingsFile::new("type = 2\n");
    let database = [("DATABASE_URL", "sqlite:")];
    let good = file
        .sources()
        .env(database)
        .flags(["--port", "80", "--token", "t"]);
    let derived = format!("{:?}", derived::Settings::load(&good).unwrap());
    assert_eq!(
        derived,
        format!("{:?}", by_hand::Settings::load(&good).unwrap())
    );
    for bad in [
        Sources::new(),
        Sources::new().flags(["--port", "1", "--type", "x", "--sql", "y"]),
        Sources::new().env(database).flags(["--port", "80"]),
        file.sources().env(database).flags(["--port", "2"]),
    ] {
        let derived = lines::<derived::Settings>(&bad);
        assert_eq!(derived, lines::<by_hand::Settings>(&bad));
        assert!(!derived.is_empty());
    }
}

#[test]
fn the_description_says_what_help_and_documents_need() {
    let all = derived::Settings::describe();
    let names: Vec<&str> = all.iter().map(|setting| setting.name).collect();
    assert_eq!(names, ["port", "type", "token", "database_url"]);
    let database = &all[3];
    assert_eq!(database.variable(), "DATABASE_URL");
    assert_eq!(database.flag(), "--database-url");
    assert!(database.required && database.secret);
    assert_eq!(
        help(&all),
        "  --port <a whole number from 0 to 65535, at least 2, at most 4000>
      Where to listen.
      
      0 is a free port.
      [env: PORT, default: 3000]
  --type <a whole number from -128 to 127>
      [env: TYPE, default: -1]
  --token <text, not empty>
      [env: TOKEN, required if port is 80]
  --database-url <text>
      Where the data is.
      [env: DATABASE_URL, required]
"
        .replace("      \n", "\n")
    );
    let _: Vec<Description> = all;
}
