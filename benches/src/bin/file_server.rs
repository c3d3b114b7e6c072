//! `file_server FOLDER`: the files of a folder, behind the default layers.

use std::{error::Error, path::PathBuf, time::Instant};

use purlin::http::{Edge, Health, Mount, Path, Route, Router, Routes, Server, files::FileRoot};
use purlin_benches::serve;

fn main() -> Result<(), Box<dyn Error>> {
    let since = Instant::now();
    let folder = std::env::args().nth(1).ok_or("say the folder")?;
    serve::runtime()?.block_on(answer(folder.into(), since))
}

async fn answer(folder: PathBuf, since: Instant) -> Result<(), Box<dyn Error>> {
    let root = FileRoot::at(folder);
    let handler = move |Path(name): Path<String>| {
        let root = root.clone();
        async move { root.open(&name).await }
    };
    let routes = Routes::at("/").route(Route::get("/{name}").public().handler(handler));
    let router = Mount::new().routes(routes).build()?.router;
    let server = Server::bind(([127, 0, 0, 1], serve::port()).into()).await?;
    let (edge, health) = (Edge::new(), Health::new());
    let running = server.serve(&edge, &health, router, Router::new());
    health.set_ready();
    serve::announce(running.address(), since);
    std::future::pending::<()>().await;
    drop(running);
    Ok(())
}
