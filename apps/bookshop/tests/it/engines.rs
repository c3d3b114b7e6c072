//! The same shop on Postgres. The database server is named by `PURLIN_TEST_POSTGRES`.

#[cfg(feature = "postgres")]
pub(crate) mod postgres {
    use std::{
        process::{self, Command},
        sync::{
            Arc,
            atomic::{AtomicU32, Ordering::Relaxed},
        },
        time::Instant,
    };

    use bookshop::import::SEED;
    use serde_json::json;

    use crate::{
        catalogue::{FILTERS, SORTS, all, expected, pages, pages_backwards},
        exporting::{hang_ups_end_their_statements, round_trip},
        server::{STOP_MAX, Server, directory, run},
        shop::{BOOKS, a_book, with},
    };

    const APP_SECRET: &str = "a-secret-that-all-processes-have-in-common";

    /// Books of 16 KB each, more than the buffers between the database and a caller who does not
    /// read can hold.
    const LONG_BOOKS: &str = "
        INSERT INTO books (id, title, title_key, search, authors, year, language, subject,
                           price_cents, stock, identity, created_at)
        SELECT gen_random_uuid(), 'Long ' || n, 'long ' || n, 'long', (
                   SELECT jsonb_agg(name) FROM (
                       SELECT string_agg(md5(n || ' ' || i || ' ' || j), '') AS name
                       FROM generate_series(1, 20) i, generate_series(1, 25) j GROUP BY i) names),
               1900, 'en', 'Long', 100, 1, repeat('0', 64), now()
        FROM generate_series(1, 2000) n";

    /// A database of its own, dropped with it.
    pub(crate) struct Database {
        server_url: String,
        name: String,
    }

    impl Database {
        /// `None`, said aloud, when no server is named.
        pub(crate) fn create() -> Option<Self> {
            static COUNT: AtomicU32 = AtomicU32::new(0);
            let server_url = purlin_base::testing::server("PURLIN_TEST_POSTGRES")?;
            let number = COUNT.fetch_add(1, Relaxed);
            let name = format!("bookshop_test_{}_{number}", process::id());
            let database = Self { server_url, name };
            let create = format!("CREATE DATABASE {}", database.name);
            assert!(database.psql(&database.server_url, &create), "{create}");
            Some(database)
        }

        pub(crate) fn url(&self) -> String {
            let (server, query) = match self.server_url.split_once('?') {
                Some((server, query)) => (server, format!("?{query}")),
                None => (self.server_url.as_str(), String::new()),
            };
            let cut = server.rfind('/').filter(|at| !server[..*at].ends_with('/'));
            let server = cut.map_or(server, |at| &server[..at]);
            format!("{server}/{}{query}", self.name)
        }

        /// What a statement answers, a line for each row.
        pub(crate) fn ask(&self, statement: &str) -> String {
            let mut command = Command::new("psql");
            command.args(["-qAt", "-v", "ON_ERROR_STOP=1", "-c", statement]);
            let output = command.arg(self.url()).output().expect("`psql` is there");
            assert!(output.status.success(), "{statement}: {output:?}");
            String::from_utf8(output.stdout).expect("text")
        }

        fn psql(&self, url: &str, statement: &str) -> bool {
            let mut command = Command::new("psql");
            command.args(["-q", "-v", "ON_ERROR_STOP=1", "-c", statement, url]);
            command.status().is_ok_and(|status| status.success())
        }

        pub(crate) fn start(&self) -> Server {
            Server::start_in(Arc::new(directory()), |command| {
                command.env("DATABASE_URL", self.url());
                // Keys in the database are sealed under it: all processes need the same.
                command.env("APP_SECRET", APP_SECRET);
            })
        }
    }

    impl Drop for Database {
        fn drop(&mut self) {
            let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
            self.psql(&self.server_url, &drop);
        }
    }

    #[test]
    fn lists_are_those_of_the_model_both_ways() {
        let Some(database) = Database::create() else {
            return;
        };
        let server = database.start();
        let books = all(&server.client);
        for sort in SORTS {
            for filter in FILTERS {
                let query = [filter, &[("sort", sort), ("limit", "37")]].concat();
                let wanted = expected(&books, filter, sort);
                assert_eq!(pages(&server.client, &query).concat(), wanted, "{query:?}");
                let backwards = pages_backwards(&server.client, &query).concat();
                assert_eq!(backwards, wanted, "{query:?} backwards");
            }
        }
        server.stop();
    }

    #[test]
    fn a_book_is_created_replaced_and_deleted() {
        let Some(database) = Database::create() else {
            return;
        };
        let server = database.start();
        let (path, etag) = server.create(&with(a_book(), "title", json!("𝒯".repeat(300))));
        let put = || server.staff("PUT", &path).json(&a_book());
        put().send().problem(428);
        put().header("if-match", "\"stale\"").send().problem(412);
        put().header("if-match", &etag).send().expect(200);
        server.staff("DELETE", &path).send().expect(204);
        server.client.get(&path).problem(404);
        server.stop();
        assert!(!database.start().path().join("bookshop.db").exists());
    }

    #[test]
    fn a_book_has_its_page_and_what_is_hostile_in_it_is_text() {
        let Some(database) = Database::create() else {
            return;
        };
        let server = database.start();
        let hostile = "</title><script>alert('\u{2028}\u{202e}')</script>\"'&";
        let (path, _) = server.create(&with(a_book(), "title", json!(hostile)));
        let id = path.rsplit('/').next().unwrap();
        let page = server.client.get(format!("/books/{id}")).expect(200);
        let text = page.text();
        assert!(!text.contains("<script"), "{text}");
        assert!(
            text.contains("&lt;script&gt;alert(&#39;\u{2028}\u{202e}"),
            "{text}"
        );
        server.staff("DELETE", &path).send().expect(204);
        let gone = server.client.get(format!("/books/{id}")).expect(404);
        assert!(gone.text().contains("<h1>No such book</h1>"));
    }

    #[test]
    fn covers_are_made_on_postgres() {
        let Some(database) = Database::create() else {
            return;
        };
        crate::covers::thumbnails_are_made_and_shown(&database.start());
    }

    #[test]
    fn related_books_are_shown_as_they_are_on_postgres() {
        let Some(database) = Database::create() else {
            return;
        };
        let server = database.start();
        crate::related::a_book_that_is_gone_is_not_shown(&server);
        crate::related::the_books_most_like_a_book_are_shown(&server);
        server.stop();
    }

    #[test]
    fn of_many_writes_with_one_tag_one_is_done_on_postgres() {
        let Some(database) = Database::create() else {
            return;
        };
        let server = database.start();
        for _ in 0..5 {
            crate::conditional::of_many_writes_with_one_tag_one_is_done(&server);
        }
        server.stop();
    }

    #[test]
    fn an_import_beside_the_server_is_idempotent_and_a_second_process_shares_the_data() {
        let Some(database) = Database::create() else {
            return;
        };
        let (first, second) = (database.start(), database.start());
        let (path, _) = first.create(&a_book());
        second.client.get(path).expect(200);
        let books = all(&second.client);
        std::fs::write(first.path().join("seed.csv"), SEED).unwrap();
        let ended = run(first.path(), |command| {
            command
                .env("DATABASE_URL", database.url())
                .env("APP_SECRET", APP_SECRET)
                .args(["import", "seed.csv"]);
        });
        ended.says(0, &[]);
        assert!(ended.stdout.contains("created 0, updated 0"), "{ended:#?}");
        assert_eq!(all(&first.client), books);
    }

    #[test]
    fn an_export_is_whole_and_a_caller_who_hangs_up_ends_its_statement() {
        let Some(database) = Database::create() else {
            return;
        };
        let server = database.start();
        let here = |command: &mut Command| {
            command.env("DATABASE_URL", database.url());
            command.env("APP_SECRET", APP_SECRET);
        };
        round_trip(&server, here);
        assert!(database.psql(&database.url(), LONG_BOOKS));
        hang_ups_end_their_statements(&server);
        server.stop();
    }

    #[test]
    fn two_first_starts_at_once_seed_once() {
        let Some(database) = Database::create() else {
            return;
        };
        let servers = std::thread::scope(|scope| {
            let starts = [(); 2].map(|()| scope.spawn(|| database.start()));
            starts.map(|start| start.join().unwrap())
        });
        let count = bookshop::import::SEED.lines().count() - 1;
        assert_eq!(all(&servers[0].client).len(), count);
    }

    #[test]
    fn a_sign_out_and_new_roles_reach_another_process_on_postgres() {
        let Some(database) = Database::create() else {
            return;
        };
        let servers = [database.start(), database.start()];
        crate::identity::a_sign_out_reaches_the_other(&servers);
        crate::identity::new_roles_reach_the_other(&servers);
    }

    #[test]
    fn a_database_that_is_away_ends_the_start_and_its_password_is_not_shown() {
        let away = "postgres://nobody:hunter2@127.0.0.1:1/none";
        let ended = run(directory().path(), |command| {
            command.env("DATABASE_URL", away);
        });
        ended.says(1, &["database"]);
        assert!(!ended.stderr.contains("hunter2"), "{ended:#?}");
    }

    #[test]
    fn a_database_of_a_newer_schema_ends_the_start() {
        let Some(database) = Database::create() else {
            return;
        };
        database.start().stop();
        let later = "INSERT INTO _purlin_migrations
                     SELECT set_name, 9999, 'from the future', checksum, applied_at
                     FROM _purlin_migrations ORDER BY version DESC LIMIT 1";
        assert!(database.psql(&database.url(), later));
        let ended = run(directory().path(), |command| {
            command.env("DATABASE_URL", database.url());
        });
        ended.says(1, &["9999"]);
    }

    #[test]
    fn readiness_ends_when_the_database_goes_away() {
        let Some(database) = Database::create() else {
            return;
        };
        let server = database.start();
        server.client.get("/readyz").expect(200);
        let drop = format!("DROP DATABASE {} WITH (FORCE)", database.name);
        assert!(database.psql(&database.server_url, &drop));
        // The last answer stands for half a second.
        let begin = Instant::now();
        while server.client.get("/readyz").status != 503 {
            assert!(begin.elapsed() < STOP_MAX, "still ready");
        }
        server.client.get("/healthz").expect(200);
        server.client.get(BOOKS).problem(503);
    }
}
