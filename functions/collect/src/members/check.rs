//! The chain from us to the jobs of other accounts and Regions, link by link. It reads, and puts nothing on the bus.

use aws::{Account, Closed, Error, ErrorKind, JobQuery, Member, MemberState, WatchedAccounts};
use futures::future::join_all;
use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use job::{JobKind, Scope};
use notice::text::count;
use source::Sources;
use tokio::time::Instant;

use super::gap::{Gap, Named, Subject};
use super::gather::{Polled, polled};
use crate::check::{Link, State};

const SIDE_BY_SIDE: usize = 24;
/// The most links of each state that the answer lists: it is one line of the log, and a line has a limit.
const TOLD: usize = 150;

pub async fn links(sources: &Sources, now: Timestamp, until: Instant) -> Vec<Link> {
    let (places, error) = polled(sources, until).await;
    let mut links: Vec<Link> = Vec::new();
    if sources.accounts().watch().accounts == WatchedAccounts::Organization {
        links.push(organization(sources, error, until).await);
    }
    let looks = stream::iter(&places).map(|place| of_member(sources, place, now, until)).buffered(SIDE_BY_SIDE);
    links.extend(short(looks.collect::<Vec<Vec<Link>>>().await.concat()));
    if places.is_empty() && links.is_empty() {
        let way_out = "Set WATCH_ACCOUNTS or WATCH_REGIONS to more than the account and the Region of this stack.";
        links.push(Link::broken(
            "accounts",
            "no other account and no other Region is watched".to_owned(),
            way_out.to_owned(),
        ));
    }
    links
}

/// The broken links come first. Of each state it keeps the first links, and counts the rest.
fn short(links: Vec<Link>) -> Vec<Link> {
    let (held, broken): (Vec<Link>, Vec<Link>) = links.into_iter().partition(|link| link.state == State::Ok);
    let more = |links: &[Link]| links.len().checked_sub(TOLD).filter(|more| *more > 0);
    let held_more = more(&held).map(|more| Link::ok("more accounts", &format!("{more} more hold")));
    let broken_more = more(&broken).map(|more| {
        let way_out = "Fix those above, and check again.".to_owned();
        Link::broken("more accounts", format!("{more} more links are broken"), way_out)
    });
    let told = |links: Vec<Link>, more: Option<Link>| links.into_iter().take(TOLD).chain(more);
    told(broken, broken_more).chain(told(held, held_more)).collect()
}

/// Whether the accounts of the organization can be listed.
async fn organization(sources: &Sources, error: Option<Error>, until: Instant) -> Link {
    let members: Vec<Member> = sources.accounts().all(until).await.unwrap_or_default();
    match error {
        None => {
            let active = members.iter().filter(|member| member.state == MemberState::Active).count();
            Link::ok("organization", &format!("{}, {active} of them active", count(members.len(), "account")))
        }
        Some(error) => {
            let gap = Gap::new(Subject::Accounts, None, error);
            let way_out = if gap.passes() {
                later()
            } else {
                "Let the role of this function call organizations:ListAccounts, and make this account the management account of the \
                 organization or a delegated administrator of any service; or set WATCH_ACCOUNTS to the ids of the accounts."
                    .to_owned()
            };
            Link::broken("organization", gap.detail(), way_out)
        }
    }
}

/// One link for an account that holds; else one for each thing in it that does not.
async fn of_member(sources: &Sources, place: &Polled, now: Timestamp, until: Instant) -> Vec<Link> {
    let name = format!("account {}", place.account);
    let Some(first) = place.regions.first() else { return Vec::new() };
    let account = match sources.accounts().at(&Scope::aws(&place.account.id, first), until).await {
        Ok(account) => account,
        Err(Closed::NoRole { role, why, .. }) => {
            let gap = Gap::new(Subject::Role(role.clone()), Some(place.account.clone()), why);
            let way_out = if gap.passes() {
                later()
            } else {
                format!(
                    "Make the role {role} in account {} with deploy/member.yaml, or correct LOOK_ROLE and the trust policy of the role: it must \
                     name the account of this stack.",
                    place.account.id
                )
            };
            return vec![Link::broken(&name, gap.detail(), way_out)];
        }
        Err(closed @ Closed::NotWatched { .. }) => return vec![Link::broken(&name, closed.to_string(), later())],
    };
    let looks = join_all(place.regions.iter().map(|region| {
        let account = account.in_region(region);
        async move { of_scope(&account, &place.account, now, until).await }
    }))
    .await;
    sources.accounts().close(&place.account.id);
    let broken: Vec<Link> = looks.into_iter().flatten().collect();
    if broken.is_empty() {
        let regions: Vec<&str> = place.regions.iter().map(String::as_str).collect();
        return vec![Link::ok(&name, &format!("its jobs can be read in {}", regions.join(", ")))];
    }
    broken
}

/// The lists of a Region, where one of them cannot be read. A short list of each kind is enough.
async fn of_scope(account: &Account, named: &Named, now: Timestamp, until: Instant) -> Option<Link> {
    let an_hour_ago = now.checked_sub(SignedDuration::from_hours(1)).unwrap_or(now);
    let queries = JobKind::ALL.map(|kind| JobQuery { created_after: Some(an_hour_ago), ..JobQuery::of(kind) });
    let answers = join_all(queries.iter().map(|query| account.first_jobs(query, until))).await;
    let error = answers.into_iter().find_map(Result::err)?;
    let region = &account.scope().region;
    let gap = Gap::new(Subject::Jobs { region: region.clone() }, Some(named.clone()), error);
    let way_out = match gap.error.kind {
        _ if gap.passes() => later(),
        ErrorKind::Denied => format!(
            "Let the role that looks into account {} call {} in {region}, or take {region} out of WATCH_REGIONS where it is shut.",
            named.id, gap.error.operation
        ),
        _ => "Look into the log: the answer is not one that Night One knows.".to_owned(),
    };
    Some(Link::broken(&format!("account {named} in {region}"), gap.detail(), way_out))
}

fn later() -> String {
    "Check again in some minutes; if this stays, look at the network of the function and at AWS's status page."
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_links_the_first_are_told_and_the_others_counted() {
        let link = |number: usize| match number % 2 {
            0 => Link::ok(&format!("account {number}"), "its jobs can be read"),
            _ => Link::broken(&format!("account {number}"), "denied".to_owned(), later()),
        };
        assert_eq!(short((0..10).map(link).collect()).len(), 10);
        let links = short((0..1_000).map(link).collect());
        let found: Vec<&str> =
            links.iter().map(|link| link.found.as_str()).filter(|found| found.contains("more")).collect();
        assert_eq!((links.len(), found), (302, vec!["350 more links are broken", "350 more hold"]));
        assert_eq!(links[0].state, State::Broken);
    }
}
