//! The chain from our role to the jobs of a vault, link by link. It reads, and puts nothing on the bus.

use azure::{Error, ErrorKind, ItemKind, JobFilter, JobStatus, Tenant, VaultId, VaultKind};
use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use job::Scope;
use source::Sources;
use tokio::time::Instant;

use super::gap::{Gap, Subject};
use super::gather::{Persistence, Places, places};
use crate::check::{Link, State};

/// The audience that Entra asks for.
const AUDIENCE: &str = "api://AzureADTokenExchange";
const SIDE_BY_SIDE: usize = 8;

pub async fn links(tenant: &Tenant, sources: &Sources, now: Timestamp, until: Instant) -> Vec<Link> {
    let mut links = identity(tenant, until).await;
    if links.iter().all(|link| link.state == State::Ok) {
        let places = places(tenant, Persistence::AsksOnce, until).await;
        links.extend(subscriptions(tenant, sources, &places));
        links.extend(lists(tenant, &places));
        links.extend(vaults(tenant, &places, now, until).await);
    } else {
        let rest = tenant.settings().subscriptions.iter().map(|id| format!("subscription {id}"));
        links.extend(rest.chain(tenant.settings().vaults.iter().map(|id| format!("vault {id}"))).map(Link::not_looked));
    }
    links
}

/// What AWS says of us, and whether Entra believes it.
async fn identity(tenant: &Tenant, until: Instant) -> Vec<Link> {
    let settings = tenant.settings();
    let claims = match tenant.claims(until).await {
        Ok(claims) => claims,
        Err(error) => {
            let way_out = match error.code.as_deref() {
                Some("OutboundWebIdentityFederationDisabled") => {
                    "Run `aws iam enable-outbound-web-identity-federation` with an administrator of this AWS account."
                        .to_owned()
                }
                _ if error.kind == ErrorKind::Denied => format!(
                    "Let the role of this function call sts:GetWebIdentityToken for the audience {AUDIENCE}: its own policy does, so look at the \
                     policies of the organization and at boundaries."
                ),
                _ => later(&error),
            };
            return vec![Link::broken("web identity", error.detail(), way_out), Link::not_looked("token".to_owned())];
        }
    };
    let told = format!("issuer {}, subject {}, audience {}", claims.issuer, claims.subject, claims.audience);
    let web_identity = Link::ok("web identity", &told);
    let token = match tenant.sign_in(until).await {
        Ok(()) => Link::ok("token", &format!("Entra takes it for client {}", settings.client)),
        Err(error) => {
            let way_out = match error.code.as_deref() {
                Some("AADSTS90002" | "AADSTS900023" | "AADSTS900382") => {
                    format!("Correct AZURE_TENANT_ID: {} is not the id of your tenant.", settings.tenant)
                }
                Some("AADSTS700016") => format!(
                    "Correct AZURE_CLIENT_ID: tenant {} has no identity with the client id {}.",
                    settings.tenant, settings.client
                ),
                _ if error.kind == ErrorKind::Configuration => {
                    format!(
                        "Give the identity with the client id {} a federated credential with {told}; a new one needs some minutes.",
                        settings.client
                    )
                }
                _ => later(&error),
            };
            Link::broken("token", error.detail(), way_out)
        }
    };
    vec![web_identity, token]
}

/// Each expected subscription.
fn subscriptions(tenant: &Tenant, sources: &Sources, places: &Places) -> Vec<Link> {
    let of = |id: &azure::SubscriptionId| {
        let name = sources.called(&Scope::azure(id.as_str(), ""));
        let gap = places.gaps.iter().find(|gap| *gap.subject() == Subject::Subscription(id.clone()));
        match gap {
            Some(gap) => {
                let role = || reader(tenant, &format!("/subscriptions/{id}"));
                Link::broken(&name, gap.detail(), if gap.passes() { later_of(gap) } else { role() })
            }
            None if !places.subscriptions.contains(id) => Link::not_looked(name),
            None => {
                let vaults = places.vaults.iter().filter(|vault| vault.id.subscription() == *id).count();
                Link::ok(&name, &format!("seen, with {}", notice::text::count(vaults, "vault")))
            }
        }
    };
    tenant.settings().subscriptions.iter().map(of).collect()
}

/// The lists themselves, where they could not be read.
fn lists(tenant: &Tenant, places: &Places) -> Vec<Link> {
    let whole = |gap: &&Gap| matches!(gap.subject(), Subject::Subscriptions | Subject::Vaults);
    let all: Vec<String> = tenant.settings().subscriptions.iter().map(|id| format!("/subscriptions/{id}")).collect();
    let link = |gap: &Gap| {
        let way_out = if gap.passes() { later_of(gap) } else { reader(tenant, &all.join(" and ")) };
        Link::broken(&gap.subject().to_string(), gap.detail(), way_out)
    };
    places.gaps.iter().filter(whole).map(link).collect()
}

/// Each vault: those that are expected and absent, and whether jobs and items of the others may be read.
async fn vaults(tenant: &Tenant, places: &Places, now: Timestamp, until: Instant) -> Vec<Link> {
    let absent = places.gaps.iter().filter_map(|gap| {
        let Subject::Vault(id) = gap.subject() else { return None };
        let way_out = match gap {
            Gap::Absent { .. } => format!("Correct AZURE_VAULT_IDS: there is no vault {id}."),
            Gap::Unreadable { .. } if gap.passes() => later_of(gap),
            Gap::Unreadable { .. } => reader(tenant, id.as_str()),
        };
        Some(Link::broken(&format!("vault {id}"), gap.detail(), way_out))
    });
    let mut links: Vec<Link> = absent.collect();
    let ids: Vec<VaultId> = places.vaults.iter().map(|vault| vault.id.clone()).collect();
    let looks = stream::iter(ids).map(|id| vault(tenant, id, now, until));
    links.extend(looks.buffered(SIDE_BY_SIDE).collect::<Vec<Link>>().await);
    links
}

/// A short list of each kind is enough.
async fn vault(tenant: &Tenant, id: VaultId, now: Timestamp, until: Instant) -> Link {
    let subscription = tenant.subscription(&id.subscription());
    let an_hour_ago = now.checked_sub(SignedDuration::from_hours(1)).unwrap_or(now);
    let filter = JobFilter { status: Some(JobStatus::Failed), operation: None, started: (an_hour_ago, now) };
    let jobs = subscription.jobs(&id, &filter, until).await.map(drop);
    let items = match id.kind() {
        VaultKind::RecoveryServices => subscription.items(&id, ItemKind::Sql, until).await.map(drop),
        VaultKind::Backup => Ok(()),
    };
    let name = format!("vault {id}");
    match jobs.and(items) {
        Ok(()) => Link::ok(&name, "its jobs and items can be read"),
        Err(error) if Gap::passes_for(&error) => Link::broken(&name, error.detail(), later(&error)),
        Err(error) => Link::broken(&name, error.detail(), reader(tenant, id.as_str())),
    }
}

/// The role that a reader needs, and where.
fn reader(tenant: &Tenant, scope: &str) -> String {
    let client = &tenant.settings().client;
    format!(
        "Give the identity with the client id {client} the role Reader on {scope}; a new assignment needs some minutes."
    )
}

fn later_of(gap: &Gap) -> String {
    match gap {
        Gap::Unreadable { error, .. } => later(error),
        Gap::Absent { .. } => "Check again.".to_owned(),
    }
}

fn later(error: &Error) -> String {
    if error.kind.passes() {
        "Check again in some minutes; if this stays, look at the network of the function and at Azure's status page."
            .to_owned()
    } else {
        "Check again; if this stays, the answer is not one that Night One knows: the log has it.".to_owned()
    }
}
