//! The answer to `{"check":true}`: each link of the chain from our role to the jobs that are collected, whether it holds, and the way out where it
//! does not. Nothing is put on the bus.

use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    pub check: Verdict,
    pub links: Vec<Link>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Ready,
    NotReady,
}

/// One link of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// What it is: `web identity`, `token`, `subscription 0a00...`, `vault /subscriptions/...`.
    pub link: String,
    pub state: State,
    /// What was seen, or what was said.
    pub found: String,
    /// One sentence; none where the link holds.
    pub way_out: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Ok,
    Broken,
    /// A link before it is broken.
    NotLooked,
}

impl Check {
    pub fn of(links: Vec<Link>) -> Self {
        let holds = links.iter().all(|link| link.state == State::Ok);
        Self { check: if holds { Verdict::Ready } else { Verdict::NotReady }, links }
    }
}

impl Link {
    pub fn ok(link: &str, found: &str) -> Self {
        Self { link: link.to_owned(), state: State::Ok, found: found.to_owned(), way_out: None }
    }

    pub fn broken(link: &str, found: String, way_out: String) -> Self {
        Self { link: link.to_owned(), state: State::Broken, found, way_out: Some(way_out) }
    }

    pub fn not_looked(link: String) -> Self {
        Self {
            link,
            state: State::NotLooked,
            found: "not looked at: a link before it is broken".to_owned(),
            way_out: None,
        }
    }
}
