//! Random histories of sign-ins, refreshes, replays, sign-outs and time, against a model.

use std::time::Duration;

use purlin_auth::{refresh::RefreshError, token::VerifiedToken};
use purlin_base::random::{OsRng, Rng, SeededRng};
use purlin_sql::Db;
use uuid::Uuid;

use super::Place;

const GRACE: u64 = 10;
const TTL: u64 = 30 * 86_400;

#[derive(Debug, PartialEq)]
enum Answer {
    Next,
    Same(usize),
    Reused,
    Revoked,
    Expired,
}

/// A token of the model; its place in the list is its name.
struct Token {
    shown: String,
    family: usize,
    used_at: Option<u64>,
    next: Option<usize>,
}

struct Family {
    began: u64,
    revoked: bool,
}

/// An access token, and its family.
struct Access {
    token: VerifiedToken,
    family: usize,
    issued: u64,
}

#[derive(Default)]
struct Model {
    now: u64,
    families: Vec<Family>,
    tokens: Vec<Token>,
    access: Vec<Access>,
}

impl Model {
    fn redeem(&mut self, at: usize) -> Answer {
        let token = &self.tokens[at];
        let family = &mut self.families[token.family];
        if self.now >= family.began + TTL {
            return Answer::Expired;
        }
        if family.revoked {
            return Answer::Revoked;
        }
        let (Some(used_at), Some(next)) = (token.used_at, token.next) else {
            return Answer::Next;
        };
        if self.now < used_at + GRACE && self.tokens[next].used_at.is_none() {
            return Answer::Same(next);
        }
        family.revoked = true;
        Answer::Reused
    }

    fn issue_access(&mut self, place: &Place, family: usize, id: Uuid) {
        self.access.push(Access {
            token: place.access("ada", Some(id)),
            family,
            issued: self.now,
        });
    }

    /// Access tokens that have not expired are good exactly as long as their family is.
    fn compare(&self, place: &Place, step: usize) {
        let alive = self.access.iter();
        for access in alive.filter(|access| self.now < access.issued + 899) {
            let good = !self.families[access.family].revoked;
            assert_eq!(place.lets(&access.token), good, "step {step}");
        }
    }
}

/// The seed of a history to repeat, or a new one; a test that fails says which.
#[allow(clippy::print_stdout, reason = "shown with a failure")]
fn seed() -> u64 {
    let given = std::env::var("PURLIN_SEED").ok();
    let seed = given.and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| OsRng.next_u64());
    println!("this history is that of PURLIN_SEED={seed}");
    seed
}

pub(super) async fn random_histories_go_as_the_model_says(db: Db) {
    let rng = SeededRng::new(seed());
    let (place, mut model) = (Place::new(&db).await, Model::default());
    let other = place.another().await;
    for step in 0..400 {
        match rng.below(20) {
            _ if model.tokens.is_empty() => begin(&place, &mut model).await,
            0..2 => begin(&place, &mut model).await,
            2 => sign_out(&place, &mut model, &rng).await,
            8 if rng.below(3) == 0 => sign_out_everywhere(&place, &mut model).await,
            3..7 => wait(&place, &mut model, rng.below(6)),
            7 => wait(&place, &mut model, rng.below(4) * 86_400),
            _ => redeem(&place, &mut model, &rng, step).await,
        }
        model.compare(&place, step);
        if rng.below(4) == 0 {
            other.standing.poll_once().await.unwrap();
            place.standing.poll_once().await.unwrap();
            model.compare(&other, step);
            model.compare(&place, step);
        }
    }
    let lasting = model.families.iter();
    let lasting = lasting.filter(|f| !f.revoked && model.now < f.began + TTL);
    let listed = place.tokens.list("ada").await.unwrap();
    assert_eq!(listed.len(), lasting.count());
}

async fn begin(place: &Place, model: &mut Model) {
    let issued = place.begin("ada").await;
    model.families.push(Family {
        began: model.now,
        revoked: false,
    });
    model.tokens.push(Token {
        shown: issued.token,
        family: model.families.len() - 1,
        used_at: None,
        next: None,
    });
    model.issue_access(place, model.families.len() - 1, issued.family);
}

async fn sign_out_everywhere(place: &Place, model: &mut Model) {
    place.revoke_all("ada").await.committed();
    for family in &mut model.families {
        family.revoked = true;
    }
}

async fn sign_out(place: &Place, model: &mut Model, rng: &SeededRng) {
    let token = &model.tokens[rng.below(model.tokens.len() as u64) as usize];
    let family = &mut model.families[token.family];
    let notice = place.revoke_shown(&token.shown).await;
    assert_eq!(notice.changed(), !family.revoked);
    notice.committed();
    family.revoked = true;
}

fn wait(place: &Place, model: &mut Model, seconds: u64) {
    place.clock.advance(Duration::from_secs(seconds));
    model.now += seconds;
}

async fn redeem(place: &Place, model: &mut Model, rng: &SeededRng, step: usize) {
    // Mostly one of the latest: old ones are seldom shown.
    let recent = rng.below(model.tokens.len().min(4) as u64) as usize;
    let at = match rng.below(10) {
        0 => rng.below(model.tokens.len() as u64) as usize,
        _ => model.tokens.len() - 1 - recent,
    };
    let expected = model.redeem(at);
    let answer = place.redeem(&model.tokens[at].shown).await;
    let (shown, found) = match answer {
        Ok(next) => {
            model.issue_access(place, model.tokens[at].family, next.family);
            match model.tokens.iter().position(|t| t.shown == next.token) {
                Some(same) => (None, Answer::Same(same)),
                None => (Some(next.token), Answer::Next),
            }
        }
        Err(RefreshError::Reused { .. }) => (None, Answer::Reused),
        Err(RefreshError::Revoked) => (None, Answer::Revoked),
        Err(RefreshError::Expired) => (None, Answer::Expired),
        Err(other) => panic!("step {step}: {other}"),
    };
    assert_eq!(found, expected, "step {step}, token {at}");
    if let Some(shown) = shown {
        let family = model.tokens[at].family;
        model.tokens[at].used_at = Some(model.now);
        model.tokens[at].next = Some(model.tokens.len());
        model.tokens.push(Token {
            shown,
            family,
            used_at: None,
            next: None,
        });
    }
}
