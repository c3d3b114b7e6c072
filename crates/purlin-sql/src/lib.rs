//! One Db over SQLite and Postgres: transactions, migrations, keyset pages.
