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
use crate::check::Link;

const SIDE_BY_SIDE: usize = 12;

pub async fn links(sources: &Sources, now: Timestamp, until: Instant) -> Vec<Link> {
    let (places, error) = polled(sources, until).await;
    let mut links: Vec<Link> = Vec::new();
    if sources.accounts().watch().accounts == WatchedAccounts::Organization {
        links.push(organization(sources, error, until).await);
    }
    let looks = stream::iter(&places).map(|place| of_member(sources, place, now, until)).buffered(SIDE_BY_SIDE);
    links.extend(looks.collect::<Vec<Vec<Link>>>().await.concat());
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
