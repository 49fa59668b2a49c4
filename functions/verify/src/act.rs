//! Starting what was decided, and no more than that.

use std::collections::BTreeSet;

use job::Arn;
use notice::text;
use promise::Order;
use source::{Account, Error, Started};
use tokio::time::Instant;

use crate::decide::{Decision, Status};
use crate::rerun::Rerun;

/// What came of a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    pub status: Status,
    pub reason: String,
    pub started: Option<(Rerun, Started)>,
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

/// Starts reruns one after the other, in the order of the causes.
#[derive(Debug)]
pub struct Starter<'a> {
    account: &'a Account,
    licence: Licence,
    /// MAX_RERUNS_PER_TICK, less those started.
    left: usize,
    /// Resources that this invocation has started a job of: AWS runs one at a time.
    taken: BTreeSet<String>,
    /// Nothing is begun after this.
    until: Instant,
}

impl<'a> Starter<'a> {
    pub fn new(account: &'a Account, licence: Licence, reruns_per_tick: usize, until: Instant) -> Self {
        Self { account, licence, left: reruns_per_tick, taken: BTreeSet::new(), until }
    }

    pub async fn carry_out(&mut self, decision: Decision) -> Act {
        let (reruns, why) = match decision {
            Decision::Stay { status, reason } => return Act { status, reason, started: None },
            Decision::Rerun { reruns, reason } => (reruns, reason),
        };
        let stay = |status, reason: String| Act { status, reason, started: None };
        if self.licence == Licence::TooLate {
            return stay(
                Status::Waiting,
                format!("{why} This tick comes too late to start anything; the next one will."),
            );
        }
        if self.left == 0 {
            return stay(
                Status::Budget,
                format!("{why} MAX_RERUNS_PER_TICK is used up; its turn comes with the next tick."),
            );
        }
        if Instant::now() >= self.until {
            return stay(Status::Waiting, format!("{why} There was no time left to start it; the next tick will."));
        }
        let free: Vec<Rerun> = reruns.into_iter().filter(|rerun| !self.taken.contains(&rerun.resource_arn)).collect();
        if free.is_empty() {
            return stay(
                Status::Waiting,
                format!("{why} Another rerun of the same resource was just started, and AWS runs one at a time."),
            );
        }
        let mut gone = Vec::new();
        for rerun in free {
            if self.licence == Licence::DryRun {
                self.take(&rerun);
                return stay(Status::WouldStart, format!("{why} One rerun would start: {}.", named(&rerun)));
            }
            let started = match &rerun.order {
                Order::Backup(order) => self.account.start_backup(order).await,
                Order::Copy(order) => self.account.start_copy(order).await,
            };
            match started.map_err(Error::from) {
                Ok(started) => {
                    self.take(&rerun);
                    let reason = format!("{why} One rerun was started: job {}, {}.", started.job_id, named(&rerun));
                    return Act { status: Status::Started, reason, started: Some((rerun, started)) };
                }
                Err(error) if is_gone(&error, &rerun) => {
                    gone.push(format!("{}: {}", rerun.resource_arn, text::outside(&error.said(), 300)));
                }
                Err(error) if error.is_refusal() => {
                    return stay(
                        Status::Refused,
                        format!(
                            "{why} AWS refused the rerun of {}: {}",
                            rerun.resource_arn,
                            text::outside(&error.said(), 600)
                        ),
                    );
                }
                // Perhaps it was started: it counts against the tick, and the next one sends the same order under the same token.
                Err(error) => {
                    self.take(&rerun);
                    return stay(
                        Status::Waiting,
                        format!(
                            "{why} Whether the rerun of {} was started is not known ({error}). The next tick asks again; AWS starts it once.",
                            rerun.resource_arn
                        ),
                    );
                }
            }
        }
        stay(Status::Refused, format!("{why} AWS says that what would be rerun is gone. {}", gone.join(" ")))
    }

    fn take(&mut self, rerun: &Rerun) {
        self.left -= 1;
        self.taken.insert(rerun.resource_arn.clone());
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
    format!(
        "rerun {} of this episode, of {} into {} as {}",
        rerun.attempt,
        text::outside(&rerun.resource_arn, 300),
        text::outside(rerun.order.vault(), 200),
        text::outside(rerun.order.role_arn(), 200)
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
            attempt: 1,
            order: Order::Backup(BackupOrder {
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
            }),
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
