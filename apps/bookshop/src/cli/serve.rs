//! `bookshop serve`.

use purlin::{
    App,
    app::{Built, Serving},
    auth::{AuthConfig, SessionsIn},
    diagnostics::Diagnostics,
    http::{
        Edge,
        client_address::{InvalidProxy, TrustedProxies},
        guard::BearerToken,
        security_headers::SecurityHeaders,
    },
    prelude::*,
    queue::Queues,
    sql::SqlConfig,
};

use super::{Failure, print};
use crate::{
    announce::{ACCOUNT, DOCUMENTS, ENGINE, LISTENING, MANAGEMENT},
    books::BOOKS_PATH,
    jobs::Role,
    limits::Limits,
    settings::{Network, Settings},
    shop::BookshopModule,
    users::{AccountSeeder, SEEDED, SEEDED_PASSWORD},
    versions::versioning,
};

/// Serves until it is told to stop.
pub(super) async fn run(settings: Settings) -> Result<(), Failure> {
    purlin::logging::start_with(&settings.rust_log);
    let token = settings.management_token.as_ref();
    let token = token.map(|token| BearerToken::new(token.expose().as_str()));
    let app = diagnosed(app_as(settings, Role::Serves)?)?;
    let app = match token {
        Some(token) => app.management_token(token),
        None => app,
    };
    Ok(app.run_with(announce).await?)
}

/// The bookshop with these settings, for a command that serves and works nothing.
pub(super) fn app(settings: Settings) -> Result<App, Failure> {
    app_as(settings, Role::Looks)
}

/// The bookshop with these settings, in the role that the command gives it.
pub(super) fn app_as(settings: Settings, role: Role) -> Result<App, Failure> {
    let limits = Limits::of(&settings).map_err(|error| Failure::wrong(error.to_string()))?;
    let app = App::of::<BookshopModule>();
    let app = match &settings.public_url {
        Some(url) => app.public_url(url),
        None => app,
    };
    let app = app
        .listen(settings.host, settings.port)
        .management_port(settings.management_port)
        .edge(edge(&settings)?)
        .limits(limits.routes)
        .versioning(versioning())
        .input(limits.sign_in)
        .input(limits.code)
        .input(role)
        .input(SqlConfig::new(&settings.database_url));
    #[cfg(feature = "plant")]
    let app = crate::plant::sow(app, &settings);
    Ok(app.input(settings))
}

/// `app` with what operators read of how it does.
fn diagnosed(app: App) -> Result<App, Failure> {
    let started = Diagnostics::builder().start();
    let diagnostics = started.map_err(|error| Failure {
        code: 1,
        message: error.to_string(),
    })?;
    Ok(app.diagnostics(diagnostics))
}

/// The layer around every request.
fn edge(settings: &Settings) -> Result<Edge, Failure> {
    let url = settings.public_url.as_deref().unwrap_or_default();
    let proxies: Vec<String> = settings
        .trusted_proxies
        .iter()
        .map(Network::to_string)
        .collect();
    let proxies: TrustedProxies = proxies
        .join(",")
        .parse()
        .map_err(|error: InvalidProxy| Failure::wrong(format!("trusted_proxies: {error}")))?;
    Ok(Edge::new()
        .compression(true)
        .security_headers(SecurityHeaders::of_url(url))
        .trusted_proxies(proxies))
}

/// What keeps the jobs of an application that is built.
pub(super) fn jobs_engine(app: &Built) -> &'static str {
    let queues = app.find::<Queues>();
    queues.map_or("none", |queues| queues.store().engine())
}

/// Tells what each part is kept in.
fn announce_engines(serving: &Serving) {
    let Some(db) = serving.find::<Db>() else {
        return;
    };
    let database = db.engine().to_string();
    let sessions = serving.find::<AuthConfig>();
    let sessions = match sessions.as_ref().map(|config| config.sessions_in()) {
        None | Some(SessionsIn::Database) => &*database,
        Some(elsewhere) => elsewhere.name(),
    };
    let settings = serving.find::<Settings>();
    let is_shared = settings.is_some_and(|settings| settings.redis_url.is_some());
    let limits = if is_shared { "redis" } else { "memory" };
    print(&format!("{ENGINE}database {database}"));
    print(&format!("{ENGINE}sessions {sessions}"));
    print(&format!("{ENGINE}limits {limits}"));
    if let Some(queues) = serving.find::<Queues>() {
        print(&format!("{ENGINE}jobs {}", queues.store().engine()));
    }
}

/// Tells what serves and where; the address of the shop last.
fn announce(serving: &Serving) {
    announce_engines(serving);
    let seeder = serving.find::<AccountSeeder>();
    if seeder.is_some_and(|seeder| seeder.has_seeded()) {
        for (email, ..) in SEEDED {
            print(&format!("{ACCOUNT}{email} {SEEDED_PASSWORD}"));
        }
    }
    if let Some(address) = serving.management_address() {
        print(&format!("{MANAGEMENT}http://{address}"));
        print(&format!("{DOCUMENTS}http://{address}/docs"));
    }
    let address = serving.address();
    print(&format!("try curl http://{address}{BOOKS_PATH}?limit=3"));
    print(&format!("{LISTENING}http://{address}"));
}
