//! Whose jobs a caller sees.

use jiff::Timestamp;

use super::super::wire::{Answer, Request};
use super::pages::invalid;
use crate::world::{HubIs, Member, Monitoring, Organization, Star, World};

/// The worlds whose jobs are listed or counted together, each with the instant from which on its jobs can be seen.
pub(super) struct Sight<'a> {
    pub(super) caller: &'a World,
    pub(super) worlds: Vec<(&'a World, Timestamp)>,
}

/// The accounts that a request is about.
enum Wanted<'a> {
    Own,
    All,
    One(&'a str),
}

impl<'a> Sight<'a> {
    /// Of a list of jobs. An account that cannot be seen has no jobs in it; it is not refused.
    pub(super) fn of_list(organization: &'a Organization, request: &Request, star: Star) -> Result<Self, Answer> {
        let wanted = match request.parameter("accountId") {
            None => Wanted::Own,
            Some("*") => match star {
                Star::EveryAccount => Wanted::All,
                Star::OwnAccount => Wanted::Own,
                Star::Refused => return Err(invalid("Invalid value for ByAccountId: *")),
            },
            Some(id) => Wanted::One(id),
        };
        Ok(Sight::of(organization, request, &wanted, since(organization)))
    }

    /// Of a summary, which counts jobs from before the others could be seen.
    pub(super) fn of_summary(organization: &'a Organization, request: &Request) -> Self {
        let wanted = match request.parameter("AccountId") {
            None => Wanted::Own,
            Some("ANY" | "AGGREGATE_ALL") => Wanted::All,
            Some(id) => Wanted::One(id),
        };
        Sight::of(organization, request, &wanted, Timestamp::MIN)
    }

    fn of(organization: &'a Organization, request: &Request, wanted: &Wanted<'_>, since: Timestamp) -> Self {
        let account = request.caller.account.as_str();
        let caller = organization.world(account, &request.region);
        let sees = sees_others(organization, account, &request.region);
        let others = organization.members().filter(|member| sees && member.id != account);
        let fits = |member: &&Member| match wanted {
            Wanted::Own => false,
            Wanted::All => true,
            Wanted::One(id) => member.id == *id,
        };
        // A member that asks for an account that is not its own gets none but its own.
        let own = !matches!(wanted, Wanted::One(id) if *id != caller.account);
        let own = own.then_some((caller, Timestamp::MIN));
        let worlds = own.into_iter().chain(others.filter(fits).map(|member| (member.world(&request.region), since)));
        Sight { caller, worlds: worlds.collect() }
    }
}

fn since(organization: &Organization) -> Timestamp {
    match organization.monitoring {
        Monitoring::Off => Timestamp::MAX,
        Monitoring::Since(since) => since,
    }
}

fn sees_others(organization: &Organization, account: &str, region: &str) -> bool {
    if organization.monitoring == Monitoring::Off || organization.hub_is == HubIs::Alone {
        return false;
    }
    let delegated = account == organization.hub() && organization.hub_is == HubIs::DelegatedAdministrator;
    account == organization.management() || (delegated && !organization.blind.contains(region))
}
