//! Reads many accounts, each with all its Regions: the part that a worker makes, in one process or in many.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt;
use job::Scope;
use lambda::record::Layer;
use tokio::time::Instant;

use crate::check::{Checked, Filter};
use crate::coverage::{Gap, Source};
use crate::digest::{Digest, Place};
use crate::evidence::{Pages, digest};
use crate::outside::Outside;
use crate::plan::{Plan, Planned};
use crate::read::Reader;
use crate::record::lines;
use crate::telling::Named;

/// Accounts that are read side by side, and Regions of one account. The rates of each are its own: more of them would only fill the memory.
const ACCOUNTS: usize = 16;
const REGIONS: usize = 6;
/// One account may take at most this long where others wait for its place.
const ACCOUNT: Duration = Duration::from_secs(300);
/// What is not let in by then is not looked into.
const OPENING: Duration = Duration::from_secs(30);

/// Reads these accounts of a plan, and writes the lines of each place to the log. What did not answer by `until` is a gap.
pub async fn read(
    reader: Reader<'_>,
    plan: &Plan,
    accounts: BTreeSet<String>,
    pages: Option<Pages<'_>>,
    until: Instant,
) -> BTreeMap<String, Digest> {
    let outside = &Outside::new(reader, &accounts, pages, until);
    let others_wait = accounts.len() > ACCOUNTS;
    let reads = accounts.into_iter().map(|id| async move {
        let planned = plan.account(&id);
        let until = if others_wait { until.min(Instant::now() + ACCOUNT) } else { until };
        let digest = account(reader, outside, &planned, pages, until).await;
        reader.sources.accounts().close(&id);
        let digest = match pages {
            Some(Pages { evidence, frame }) => {
                let (named, accounts) = (Named(planned.name.clone()), plan.accounts.len());
                evidence.keep_account(&id, &named, frame.clone(), digest, accounts).await
            }
            None => digest,
        };
        (id, digest)
    });
    futures::stream::iter(reads).buffer_unordered(ACCOUNTS).collect().await
}

/// All Regions of an account, in their order.
async fn account(
    reader: Reader<'_>,
    outside: &Outside<'_>,
    planned: &Planned,
    pages: Option<Pages<'_>>,
    until: Instant,
) -> Digest {
    let regions = reader.sources.regions_of(&planned.id);
    let named = Named(planned.name.clone());
    if let Some(word) = &planned.shut {
        let why = "it cannot be looked into, and nothing is backed up there".to_owned();
        return unread(&regions, &planned.id, &named, Source::Shut(word.clone()), why);
    }
    let reads = regions.iter().map(|region| {
        let named = named.clone();
        async move { (region.clone(), place(reader, &Scope::aws(&planned.id, region), named, pages, until).await) }
    });
    let read: BTreeMap<String, Result<Digest, String>> =
        futures::stream::iter(reads).buffer_unordered(REGIONS).collect().await;
    let named = &named;
    // The role is the same in all Regions: without it they are told of together.
    if let Some(Err(why)) = read.values().find(|read| read.is_err())
        && read.values().all(Result::is_err)
    {
        return outside.account(&regions, &planned.id, named, why).await;
    }
    let mut all = Digest::default();
    for (region, read) in read {
        all.add(match read {
            Ok(digest) => digest,
            Err(why) => outside.place(Scope::aws(&planned.id, &region), named, &why).await,
        });
    }
    all
}

/// Checks all accounts of a plan, Region by Region: a check names few resources, and what it holds of a place goes at once.
pub async fn check(reader: Reader<'_>, filter: &Filter, plan: &Plan, until: Instant) -> Checked {
    let mut checked = Checked::default();
    if let Some(why) = &plan.unlisted {
        checked.miss(format!("the accounts of the organization could not be listed: {why}"));
    }
    for planned in &plan.accounts {
        let named = Named(planned.name.clone());
        for region in reader.sources.regions_of(&planned.id) {
            let scope = Scope::aws(&planned.id, &region);
            let opened = match &planned.shut {
                Some(word) => Err(format!("the account is {}", notice::text::outside(word, 40))),
                None => {
                    let opening = until.min(Instant::now() + OPENING);
                    reader.sources.accounts().at(&scope, opening).await.map_err(|closed| closed.to_string())
                }
            };
            match opened {
                Ok(account) => checked.take(&reader.among(&account, named.clone(), until).await, filter),
                Err(why) => checked.miss(format!("{}: {why}", named.place(&scope))),
            }
        }
        reader.sources.accounts().close(&planned.id);
    }
    checked
}

/// One account in one Region.
///
/// # Errors
/// In words, for an account that does not let us in.
async fn place(
    reader: Reader<'_>,
    scope: &Scope,
    named: Named,
    pages: Option<Pages<'_>>,
    until: Instant,
) -> Result<Digest, String> {
    let opening = until.min(Instant::now() + OPENING);
    let account = reader.sources.accounts().at(scope, opening).await.map_err(|closed| closed.to_string())?;
    let report = reader.among(&account, named, until).await;
    lines(&report).for_each(|line| println!("{line}"));
    let own = reader.sources.own().scope().account == scope.account;
    let digest = digest(&report, if own { Layer::Own } else { Layer::Look }, pages);
    digest.places.iter().for_each(|place| place.write_line(&place.region));
    Ok(digest)
}

/// An account of which nothing is known. The log has a line of each Region.
pub fn unread(regions: &BTreeSet<String>, account: &str, named: &Named, source: Source, why: String) -> Digest {
    let place = Place::unread(&Scope::aws(account, ""), named, Layer::None, why.clone());
    regions.iter().for_each(|region| place.write_line(region));
    Digest::unread(place, Gap { source, why })
}
