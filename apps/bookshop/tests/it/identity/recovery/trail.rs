//! What happened is written down, and read by admins.

use serde_json::Value;

use super::{app::owner, forgotten, site::Site};
use crate::identity::{
    PASSWORD, READER, access_token, cookie, login, me, refresh, somebody, token,
};

const AUDIT: &str = "/admin/audit";

/// The events of one account, the latest first.
fn events(site: &Site, user: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut path = format!("{AUDIT}?limit=100");
    loop {
        let page = site.server.admin("GET", &path).send().expect(200).json();
        let items = page["items"].as_array().expect("items");
        found.extend(items.iter().filter(|it| it["user"] == user).cloned());
        match page["page"]["next_cursor"].as_str() {
            Some(next) => path = format!("{AUDIT}?limit=100&cursor={next}"),
            None => return found,
        }
    }
}

fn id_of(site: &Site, token: &str) -> String {
    let who = me(site.client(), token).expect(200).json();
    who["id"].as_str().expect("an id").to_owned()
}

pub(super) fn what_happens_to_an_account_is_written_down(site: &Site) {
    let (client, email) = (site.client(), somebody(&site.server));
    let first = login(client, &email, PASSWORD).expect(200);
    let id = id_of(site, &token(&first));
    let path = format!("/admin/users/{id}/roles");
    let roles = site.server.admin("PUT", path);
    let roles = roles.json(&serde_json::json!({"roles": ["staff"]}));
    roles.send().expect(200);
    login(client, &email, "hunter2-hunter2").problem(401);
    let spent = cookie(&first, "refresh_token");
    let next = refresh(client, &spent).expect(200);
    refresh(client, &cookie(&next, "refresh_token")).expect(200);
    refresh(client, &spent).problem(401);
    let out = login(client, &email, PASSWORD).expect(200);
    let out = client
        .request("POST", "/api/auth/logout")
        .bearer(&token(&out));
    out.send().expect(204);
    let link = forgotten::link(site, &email);
    forgotten::reset(client, &link, forgotten::NEW).expect(204);

    let events = events(site, &id);
    let kinds: Vec<&str> = events
        .iter()
        .rev()
        .filter_map(|it| it["kind"].as_str())
        .collect();
    assert_eq!(
        kinds,
        [
            "sign_in",
            "roles.changed",
            "sign_in.failed",
            "refresh.reused",
            "sign_in",
            "sign_out",
            "password.forgotten",
            "password.reset",
        ]
    );
    let admin = id_of(site, &access_token(client, "admin@bookshop.test"));
    let changed = &events[6];
    assert_eq!(changed["details"]["by"], admin);
    assert_eq!(changed["details"]["roles"], "staff");
    for event in &events {
        assert!(event["request_id"].is_string() && event["at"].is_string());
        let told = event.to_string();
        for secret in ["hunter2", PASSWORD, &link, &spent, &email] {
            assert!(!told.contains(secret), "{secret} in {told}");
        }
    }
    assert_eq!(events[5]["address"], "127.0.0.1");
    assert_eq!(events[5]["details"]["reason"], "wrong password");

    let owner = owner(site);
    let code = owner.recovery_codes[0].as_str();
    let body = serde_json::json!({"email": owner.email, "password": PASSWORD, "code": code});
    let request = client.request("POST", "/api/auth/login").json(&body);
    let id = id_of(site, &token(&request.send().expect(200)));
    let kinds: Vec<Value> = self::events(site, &id);
    let kinds: Vec<&str> = kinds
        .iter()
        .rev()
        .filter_map(|it| it["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["sign_in", "second_factor.on", "sign_in"]);
}

pub(super) fn only_admins_read_it(site: &Site) {
    let client = site.client();
    client.get(AUDIT).problem(401);
    for email in [READER, "staff@bookshop.test"] {
        let token = access_token(client, email);
        let request = client.request("GET", AUDIT).bearer(&token);
        request.send().problem(403);
    }
    let answer = site.server.admin("GET", AUDIT).send().expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let forged = format!("{AUDIT}?cursor=forged");
    site.server.admin("GET", forged).send().problem(400);
    let xml = site.server.admin("GET", format!("{AUDIT}?limit=1"));
    let xml = xml.header("accept", "application/xml").send().expect(200);
    assert!(xml.text().contains("<events>"), "{}", xml.text());
}
