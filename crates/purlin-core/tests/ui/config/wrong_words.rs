use purlin_core::config::{Config, Setting};

#[derive(Config)]
struct UnknownWord {
    #[config(defualt = 3000)]
    port: u16,
}

#[derive(Config)]
struct NotALiteral {
    #[config(default = 3000 + 1)]
    port: u16,
}

#[derive(Config)]
struct HalfARange {
    #[config(range = 1..)]
    port: u16,
}

#[derive(Config)]
struct UpperCaseName {
    #[config(name = "PORT")]
    port: u16,
}

#[derive(Config)]
struct Positional(u16);

#[derive(Config)]
enum NotAStruct {}

#[derive(Setting)]
struct NotAnEnum;

#[derive(Setting)]
enum WithFields {
    Port(u16),
}

fn main() {}
