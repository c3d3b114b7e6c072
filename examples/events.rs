//! EventEmitter: a listener that fails hurts nobody, one that piles up is named, and one ends with
//! what added it.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]

use std::cell::Cell;

use purlin::runtime::events::{self, ERROR, ERROR_MONITOR, Event, EventEmitter, Events};

/// Any type is an event of the bus.
#[derive(Clone)]
struct OrderPlaced {
    id: u64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    isolation();
    leak();
    nodes_rules()?;
    Ok(())
}

/// The mistake: one listener throws, and those behind it never hear of the order.
fn isolation() {
    println!("A listener that crashes:");
    let events = Events::builder()
        .on_failure(|failure| println!("  told: {}", failure.error))
        .build();
    let stock = events.on(|order: &OrderPlaced| println!("  stock: order {}", order.id));
    let printer = events.on(|_: &OrderPlaced| Err("out of paper"));
    let mail = events.on(|order: &OrderPlaced| println!("  mail: order {}", order.id));
    let delivery = events.emit(&OrderPlaced { id: 7 });
    let failed = delivery.failures().len();
    println!("  heard by {}, {failed} failed", delivery.heard());
    drop((stock, printer, mail));
    let heard = events.emit(&OrderPlaced { id: 8 }).heard();
    println!("  heard by {heard} once their subscriptions are gone");
}

/// The mistake: a listener for each request that nobody removes.
fn leak() {
    println!("A leak:");
    let events = Events::builder()
        .name("requests")
        .on_leak(|leak| {
            let (place, count) = leak.most_at;
            println!(
                "  told: {count} of {} added at line {}",
                leak.listeners,
                place.line()
            );
        })
        .build();
    for _request in 0..12 {
        events.on(|_: &OrderPlaced| ()).keep();
    }
    for stats in events::stats().iter().filter(|it| it.name == "requests") {
        println!("  {} has {} listeners", stats.name, stats.listeners);
    }
}

const TICK: Event<u32> = Event::new("tick");

/// What Node does, for code that relies on it.
fn nodes_rules() -> Result<(), events::EmitError> {
    println!("Node's rules:");
    let emitter = EventEmitter::new();
    let number = Cell::new(0);
    let counting = move |tick: &u32| {
        number.set(number.get() + 1);
        println!("  call {} for tick {tick}", number.get());
    };
    emitter.on(TICK, counting)?;
    // Emitted inside an emit: once is once, since it is removed before it is called.
    let inside = emitter.downgrade();
    let again = move |tick: &u32| match inside.upgrade() {
        Some(emitter) => emitter.emit(TICK, &(tick + 1)).map(drop),
        None => Ok(()),
    };
    emitter.prepend_once(TICK, again)?;
    emitter.emit(TICK, &1)?;

    emitter.on(ERROR_MONITOR, |error| println!("  monitor: {error}"))?;
    if let Err(unheard) = emitter.emit_error("disk full") {
        println!("  thrown: {unheard}");
    }
    emitter.on(ERROR, |error| println!("  handled: {error}"))?;
    emitter.emit_error("disk full")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs_to_its_end() {
        super::main().unwrap();
    }
}
