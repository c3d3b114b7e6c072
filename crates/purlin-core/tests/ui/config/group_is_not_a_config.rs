use purlin_core::config::Config;

struct Sql;

#[derive(Config)]
struct Settings {
    #[config(flatten)]
    sql: Sql,
}

fn main() {}
