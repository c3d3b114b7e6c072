use purlin_core::config::Config;

struct Colour;

#[derive(Config)]
struct Settings {
    colour: Colour,
}

fn main() {}
