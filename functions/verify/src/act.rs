//! Starting what was decided, and no more than that.

mod azure;
mod budget;

use std::collections::BTreeSet;

use jiff::Timestamp;
use job::Arn;
use notice::text;
use promise::Order as AwsOrder;
use source::{Account, Accounts, Error, Source};
use tokio::time::Instant;

use crate::decide::{Decision, Status};
use crate::rerun::{Aim, Order, Rerun};
use crate::token;
use azure::Begun;
use budget::Turn;
pub use budget::{Budget, IN_ALL};

/// What came of a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    pub status: Status,
    pub reason: String,
    pub started: Option<Started>,
}

impl Act {
    fn stay(status: Status, reason: String) -> Self {
        Self { status, reason, started: None }
    }
}

/// A rerun that is on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Started {
    pub rerun: Rerun,
    /// `None`: Azure has taken the order, and does not name its job yet.
    pub job_id: Option<String>,
}

/// What came of one order.
enum Sent {
    /// Nothing was sent.
    WouldStart,
    Started {
        job_id: Option<String>,
    },
    Gone {
        words: String,
    },
    /// The sentence for people.
    Stays {
        status: Status,
        reason: String,
    },
    /// The same, where it may have been started: it counts against the tick.
    Open {
        reason: String,
    },
}

/// What this invocation may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Licence {
    Start,
    /// Decide and say it.
    DryRun,
    /// The tick is so late that another has done its work by now.
    TooLate,
}

/// What may be started, and how much of it.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    pub licence: Licence,
    pub budget: &'a Budget<'a>,
}

/// Starts reruns one after the other, in the order of the causes.
#[derive(Debug)]
pub struct Starter<'a> {
    licence: Licence,
    /// Our own account, and the way into others.
    accounts: &'a Accounts,
    budget: &'a Budget<'a>,
    /// Resources that this invocation has started a job of: AWS runs one at a time.
    taken: BTreeSet<String>,
    /// Nothing is begun after this.
    until: Instant,
    now: Timestamp,
}

impl<'a> Starter<'a> {
    pub fn new(grant: Grant<'a>, accounts: &'a Accounts, now: Timestamp, until: Instant) -> Self {
        let Grant { licence, budget } = grant;
        Self { licence, accounts, budget, taken: BTreeSet::new(), until, now }
    }

    pub(crate) fn licence(&self) -> Licence {
        self.licence
    }

    /// Why no more may be started; `None` as long as it may.
    pub(crate) fn used_up(&self) -> Option<String> {
        self.budget.is_left().err()
    }

    pub(crate) async fn carry_out(&mut self, source: &Source, decision: Decision) -> Act {
        let (reruns, why) = match decision {
            Decision::Stay { status, reason } => return Act::stay(status, reason),
            Decision::Rerun { reruns, reason } => (reruns, reason),
        };
        let (noun, again) = match reruns.first().map(|rerun| rerun.aim) {
            Some(Aim::Proof { .. }) => ("rerun", "its turn comes with the next tick"),
            Some(Aim::CatchUp) | None => ("job", "the same command goes on from there"),
        };
        // It is given back where nothing is started.
        let turn = match self.may_start(again) {
            Ok(turn) => turn,
            Err((status, reason)) => return Act::stay(status, format!("{why} {reason}")),
        };
        let cloud = source.scope().cloud.name();
        let free: Vec<Rerun> = reruns
            .into_iter()
            .filter(|rerun| !self.taken.contains(&rerun.resource_arn))
            .map(|rerun| self.named_in(source, rerun))
            .collect();
        if free.is_empty() {
            let reason =
                format!("{why} Another {noun} of the same resource was just started, and {cloud} runs one at a time.");
            return Act::stay(Status::Waiting, reason);
        }
        let mut gone = Vec::new();
        for rerun in free {
            let resource = rerun.resource_arn.clone();
            let act = match self.send(source, &rerun, &why).await {
                Sent::Gone { words } => {
                    gone.push(words);
                    continue;
                }
                Sent::Stays { status, reason } => return Act::stay(status, reason),
                Sent::Open { reason } => Act::stay(Status::Waiting, reason),
                Sent::WouldStart => {
                    Act::stay(Status::WouldStart, format!("{why} One {noun} would start: {}.", named(&rerun)))
                }
                Sent::Started { job_id } => {
                    let job = match &job_id {
                        Some(job_id) => format!("job {job_id}"),
                        None => "Azure has taken it and does not name its job yet".to_owned(),
                    };
                    let reason = format!("{why} One {noun} was started: {job}, {}.", named(&rerun));
                    Act { status: Status::Started, reason, started: Some(Started { rerun, job_id }) }
                }
            };
            self.taken.insert(resource);
            turn.is_used();
            return act;
        }
        let reason = format!("{why} {cloud} says that what would be rerun is gone. {}", gone.join(" "));
        Act::stay(Status::Refused, reason)
    }

    /// A turn of the budget. `again`: what people can expect where there is none.
    ///
    /// # Errors
    /// The status and the sentence that says why nothing may be started now.
    fn may_start(&self, again: &str) -> Result<Turn<'a>, (Status, String)> {
        if self.licence == Licence::TooLate {
            let reason = "This tick comes too late to start anything; the next one will.";
            return Err((Status::Waiting, reason.to_owned()));
        }
        let turn = self.budget.take().map_err(|used_up| (Status::Budget, format!("{used_up}; {again}.")))?;
        match Instant::now() < self.until {
            true => Ok(turn),
            false => Err((Status::Waiting, format!("There was no time left to start it; {again}."))),
        }
    }

    async fn send(&self, source: &Source, rerun: &Rerun, why: &str) -> Sent {
        if self.licence == Licence::DryRun {
            return Sent::WouldStart;
        }
        match (source, &rerun.order) {
            (Source::Aws(account), Order::Aws(order)) => {
                let account = match self.as_who_may_act(account).await {
                    Ok(account) => account,
                    Err((status, reason)) => return Sent::Stays { status, reason: format!("{why} {reason}") },
                };
                let started = match order {
                    AwsOrder::Backup(order) => account.start_backup(order).await,
                    AwsOrder::Copy(order) => account.start_copy(order).await,
                };
                match started.map_err(Error::from) {
                    Ok(started) => Sent::Started { job_id: Some(started.job_id) },
                    Err(error) if error.is_refusal() => refused(&error, rerun, why),
                    // Perhaps it was started: the next tick sends the same order under the same token.
                    Err(error) => Sent::Open {
                        reason: format!(
                            "{why} Whether the job of {} was started is not known ({error}). {} AWS starts it once.",
                            rerun.resource_arn,
                            match rerun.aim {
                                Aim::Proof { .. } => "The next tick asks again;",
                                Aim::CatchUp => "Send the same command again;",
                            }
                        ),
                    },
                }
            }
            (Source::Azure(place), Order::Azure(order)) => {
                match azure::start(place, order, self.now, self.until).await {
                    Begun::Started { job_id } => Sent::Started { job_id },
                    Begun::Busy { words } => Sent::Stays {
                        status: Status::InFlight,
                        reason: format!(
                            "{why} Azure starts no backup of {} because another operation of it is on its way ({}). Its end decides.",
                            rerun.resource_arn,
                            text::outside(&words, 300)
                        ),
                    },
                    Begun::Refused(error) => refused(&Error::from(error), rerun, why),
                    Begun::Failed { words } => Sent::Stays {
                        status: Status::Refused,
                        reason: format!(
                            "{why} Azure gave up the rerun of {} before it began: {words}",
                            rerun.resource_arn
                        ),
                    },
                    Begun::Unknown(error) => Sent::Open {
                        reason: format!(
                            "{why} Whether the rerun of {} was started is not known ({error}). The next tick looks for its job before anything else is started.",
                            rerun.resource_arn
                        ),
                    },
                }
            }
            (Source::Aws(_), Order::Azure(_)) | (Source::Azure(_), Order::Aws(_)) => {
                Sent::Stays { status: Status::Refused, reason: format!("{why} The order is one of another cloud.") }
            }
        }
    }

    /// An account as the one who starts and stops jobs there: in ours we ourselves, in another one its own role for reruns.
    ///
    /// # Errors
    /// The status of what was to be done, and the sentence that says why nobody may.
    pub(crate) async fn as_who_may_act(&self, account: &Account) -> Result<Account, (Status, String)> {
        let scope = account.scope();
        match self.accounts.for_reruns(scope, self.until).await {
            Ok(Some(account)) => Ok(account),
            Ok(None) => Err((Status::NotRerunnable, no_rerun_role(&scope.account))),
            Err(closed) => Err((Status::Refused, format!("Nothing was started: {closed}."))),
        }
    }

    /// An order of another account has a token of that account: a key that several accounts use may be one cause in all of them.
    fn named_in(&self, source: &Source, rerun: Rerun) -> Rerun {
        let account = &source.scope().account;
        match rerun.order.token().map(|token| token::in_account(token, account)) {
            Some(token) if *account != self.accounts.own().scope().account => {
                Rerun { order: rerun.order.with_token(token), ..rerun }
            }
            _ => rerun,
        }
    }
}

/// Why nothing is started in another account: the sentence for people.
pub(crate) fn no_rerun_role(account: &str) -> String {
    format!(
        "Night One starts and stops no jobs in account {}, because RERUN_ROLE is not set. The next scheduled job can prove a fix, or one by hand.",
        text::outside(account, 40)
    )
}

fn refused(error: &Error, rerun: &Rerun, why: &str) -> Sent {
    if is_gone(error, rerun) {
        return Sent::Gone { words: format!("{}: {}", rerun.resource_arn, text::outside(&error.said(), 300)) };
    }
    let cloud = match error {
        Error::Aws(_) => "AWS",
        Error::Azure(_) => "Azure",
    };
    let said = text::outside(&error.said(), 600);
    Sent::Stays {
        status: Status::Refused,
        reason: format!("{why} {cloud} refused the rerun of {}: {said}", rerun.resource_arn),
    }
}

/// The resource is gone, and not the vault that is written to: the next resource may do.
fn is_gone(error: &Error, rerun: &Rerun) -> bool {
    error.is_missing() && !names_vault(&error.said(), rerun)
}

/// Whether AWS says that the vault of this order is missing. The order tells its resource from its vault, whatever both are called: the ARN
/// of the resource is no word of the sentence, and a vault is called by its ARN or by its whole name beside the word.
fn names_vault(message: &str, rerun: &Rerun) -> bool {
    let vault = rerun.order.vault();
    let name = Arn::parse(vault).and_then(|arn| arn.vault_name()).unwrap_or(vault);
    let rest = message.replace(&rerun.resource_arn, " ");
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | ':');
    let words: Vec<&str> = rest.split(|c: char| !is_word(c)).map(|word| word.trim_end_matches(':')).collect();
    let by_name = words.contains(&name) && words.iter().any(|word| word.eq_ignore_ascii_case("vault"));
    by_name || words.iter().any(|word| word.ends_with(&format!(":backup-vault:{name}")))
}

fn named(rerun: &Rerun) -> String {
    let how = match (rerun.order.role_arn(), rerun.order.backup_type()) {
        (Some(role), _) => format!(" as {}", text::outside(role, 200)),
        (None, Some(kind)) => format!(" as a {} backup", kind.as_str()),
        (None, None) => String::new(),
    };
    let which = match rerun.aim {
        Aim::Proof { attempt } => format!("rerun {attempt} of this episode,"),
        Aim::CatchUp => format!("a {}", rerun.kind.as_str()),
    };
    format!(
        "{which} of {} into {}{how}",
        text::outside(&rerun.resource_arn, 300),
        text::outside(rerun.order.vault(), 200),
    )
}

#[cfg(test)]
mod tests {
    use job::JobKind;
    use promise::BackupOrder;

    use super::*;

    #[test]
    fn the_order_tells_a_resource_that_is_gone_from_its_vault() {
        let db = "arn:aws:rds:eu-west-1:111122223333:db:vault-prod";
        let rerun = |vault: &str| Rerun {
            resource_arn: db.into(),
            resource_type: "RDS".into(),
            kind: JobKind::Backup,
            aim: Aim::Proof { attempt: 1 },
            order: Order::Aws(AwsOrder::Backup(BackupOrder {
                resource_arn: db.into(),
                vault_name: vault.into(),
                air_gapped_vault_arn: None,
                role_arn: "arn:aws:iam::111122223333:role/Backup".into(),
                token: String::new(),
                start_window_minutes: 61,
                completion_window_minutes: None,
                lifecycle: None,
                tags: std::collections::BTreeMap::new(),
                options: std::collections::BTreeMap::new(),
            })),
        };
        let gone = format!("Resource {db} does not exist");
        for vault in ["prod", "a", "db", "vault-prod"] {
            assert!(!names_vault(&gone, &rerun(vault)), "{vault}");
            assert!(!names_vault("DBInstance vault-prod not found.", &rerun(vault)), "{vault}");
            assert!(names_vault(&format!("Backup vault {vault} not found"), &rerun(vault)), "{vault}");
            let arn = format!("Cannot find arn:aws:backup:eu-west-1:111122223333:backup-vault:{vault}.");
            assert!(names_vault(&arn, &rerun(vault)), "{vault}");
        }
    }
}
