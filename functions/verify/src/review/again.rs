//! The second look at a root cause, once the tags are known: a cause with many resources is looked at by a few, and what is accepted of these
//! is not rerun.

use jiff::Timestamp;
use job::Job;
use owner::Owners;
use source::Source;
use tokio::time::Instant;

use super::{Records, Stood, Unknown, worth};
use crate::gather::Looking;

impl Records {
    /// Looks at other resources of causes of which accepted ones were looked at, and others that nobody accepts were not.
    pub(crate) async fn look_past_accepted(
        &mut self,
        source: &Source,
        owners: &Owners,
        now: Timestamp,
        until: Instant,
    ) {
        let passed_over: Vec<_> = {
            let stood = self.stand(now);
            stood
                .iter()
                .filter(|stood| stood.leaves_out_for_accepted(owners))
                .map(|it| it.case.cause.id.clone())
                .collect()
        };
        if passed_over.is_empty() {
            return;
        }
        let cases = self.cases.iter().enumerate().filter(|(_, case)| passed_over.contains(&case.cause.id));
        let (numbers, causes): (Vec<usize>, Vec<_>) = cases.map(|(number, case)| (number, &case.cause)).unzip();
        let looking = Looking { source, ledger: &self.ledger, restores: &self.restores, owners, until };
        let answers = looking.at(&causes).await;
        for (number, answer) in numbers.iter().zip(answers) {
            let Some(case) = self.cases.get_mut(*number) else { continue };
            match answer {
                Ok(looks) => case.looks = looks,
                Err(why) => {
                    self.missed.push(format!("{}: {why}", case.cause.id));
                    case.unknown.get_or_insert(Unknown::Unread { why });
                }
            }
        }
        worth::share(&mut self.cases);
        self.look_at_proofs(&numbers, source, now, until).await;
        self.look_at_reruns(&numbers, source, now, until).await;
    }
}

impl Stood<'_> {
    /// Whether resources that nobody accepts were not looked at while accepted ones were.
    fn leaves_out_for_accepted(&self, owners: &Owners) -> bool {
        let looked_at = &self.case.looks.resources;
        let open = self.standing.open.iter().filter(|_| self.standing.proof.is_none());
        let (seen, unseen): (Vec<_>, Vec<_>) = open.partition(|failure| looked_at.contains(&failure.resource_arn));
        let is_accepted = |failure: &&&Job| {
            failure.ended.is_some_and(|ended| owners.accepted(&failure.resource_arn, ended).is_some())
        };
        seen.iter().any(is_accepted) && !unseen.iter().all(is_accepted)
    }
}
