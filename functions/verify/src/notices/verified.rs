//! It works again: what was proven, by which job, and who still waits.

mod waiting;

use advice::stack::Stack;
use cause::episode::same_path;
use change::ShowAddress;
use classification::class::Class;
use classification::identity::RootCauseId;
use classification::named::Named;
use classification::table::ProvenBy;
use jiff::Timestamp;
use job::{Cloud, Job, JobKind};
use notice::layout::{heading, indented, paragraph};
use notice::section::{LINES, Section, fit};
use notice::{About, Notice, NoticeKind, Severity, Subject, text};
use owner::Acting;
use source::RecoveryPoint;
use source::trail::Answer;

use super::comes_next::ComesNext;
use super::words;
use crate::announce::{Fate, Held};
use crate::ledger::Cause;
use crate::standing::Standing;

/// Where the resources are that are left out.
const ELSEWHERE: &str = "in the log (verify_summary)";

/// A cause is proven fixed, or one of its resources is back where each has to prove it by itself.
#[derive(Clone, Debug)]
pub struct Verified<'a> {
    pub cause: &'a Cause,
    pub standing: &'a Standing<'a>,
    /// The job that proved it, or brought its own resource back.
    pub proof: &'a Job,
    /// The recovery point that the proof made; `Err`: why it could not be described.
    pub recovery_point: Result<RecoveryPoint, String>,
    /// All resources of the episode: see [`crate::announce::aftermath`].
    pub resources: Vec<Held<'a>>,
    /// What verify does next for those that are still open.
    pub comes_next: ComesNext<'a>,
    /// What evidence has found the cause to be, where that is known.
    pub found: Option<Class>,
    /// Whose they are.
    pub acting: Acting,
    /// Who mended it, as far as CloudTrail tells.
    pub trail: Answer,
    pub show_address: ShowAddress,
    pub stack: &'a Stack,
    pub now: Timestamp,
}

impl Verified<'_> {
    pub fn notice(&self) -> Notice {
        let headline = self.headline();
        Notice {
            kind: NoticeKind::Verified,
            severity: self.severity(),
            time: self.now,
            subject: self.subject(),
            body: text::body(self.body()),
            summary: match self.standing.proof {
                Some(_) => format!("{headline}. {} {}{}.", self.by_whom(), self.tally(), self.others()),
                None => {
                    let next = self.comes_next.sentence(self.proof);
                    format!("{headline}{}. {} {next}", self.others(), self.by_whom())
                }
            },
            next_steps: self.next_steps(),
            about: self.about(),
        }
    }

    /// The same in every tick that would announce it.
    pub fn page_id(&self) -> String {
        self.page_id_of(self.proof)
    }

    /// The same of an incident that another job closes. Its proof may have closed it before.
    pub(crate) fn page_id_of(&self, job: &Job) -> String {
        format!("{}/verified/{}", self.cause.id, text::outside(&job.id, 80))
    }

    /// `VERIFIED: RDS backups work again`
    fn headline(&self) -> String {
        let kind = self.proof.kind;
        match self.standing.proof {
            Some(_) => format!("VERIFIED: {}{} work again", words::of_type(self.proof), kind.noun(2)),
            None => {
                format!("PARTLY VERIFIED: {} of {} recovered", self.standing.recovered(), self.standing.held_back.len())
            }
        }
    }

    /// Good news is information only once nobody exceeds an objective before its next run. It wakes nobody: what is past has its own notice.
    fn severity(&self) -> Severity {
        if self.too_late().is_empty() { Severity::Info } else { Severity::Warning }
    }

    fn subject(&self) -> Subject {
        match self.late() {
            // What the cause was is in the mail: the time that is left must not be cut.
            Some(late) => self.stack.subject(&format!("{}; {}", self.headline(), late.short())),
            None => {
                let cause = (self.cause.cloud(), self.cause.class, self.found);
                let verdict = format!("{}{}", self.headline(), self.so_far());
                self.stack.fitting_subject(words::with_cause(&verdict, ". Was: ", cause))
            }
        }
    }

    /// ` (1 of 12 so far)`: a subject alone must not sound as if all were backed up again.
    fn so_far(&self) -> String {
        match (self.standing.proof, self.waiting().len()) {
            (None, _) | (_, 0) => String::new(),
            _ => format!(" ({} of {} so far)", self.backed_up().count(), self.resources.len()),
        }
    }

    /// `Our rerun 1b2345b2 of arn:... completed at 2026-11-21 03:20 UTC.`
    fn by_whom(&self) -> String {
        let ended = words::minute(self.proof.ended);
        format!("{} completed at {ended}.", text::capital(&words::job_of(self.proof)))
    }

    fn body(&self) -> String {
        let parts = vec![
            Section::whole(self.verdict()),
            self.still_waiting(),
            Section::whole(self.how_to_fix_the_others()),
            self.other_reasons(),
            Section::whole(self.not_proven()),
            Section::whole(self.what_was_proven()),
            Section::whole(self.recovery_point()),
            self.covered_again(),
            Section::whole(self.how_long()),
        ];
        fit(parts, LINES)
    }

    fn verdict(&self) -> String {
        let mut lines = match self.standing.proof {
            Some(_) => {
                paragraph(&format!("{}.", self.headline())) + &paragraph(&format!("{}{}.", self.tally(), self.others()))
            }
            // The headline of a part counts by itself.
            None => paragraph(&format!("{}{}.", self.headline(), self.others())),
        };
        if let Some(late) = self.late() {
            let them = if late.is_one() { "it" } else { "them" };
            let now = self.catch_up().map_or(String::new(), |_| format!(" The command below backs {them} up now."));
            lines += &paragraph(&format!("Not covered yet: {}.{now}", late.whole()));
        }
        if self.standing.proof.is_none() {
            lines += &paragraph(&self.comes_next.sentence(self.proof));
        }
        lines +=
            &paragraph(&format!("What was wrong: {}.", words::title(self.cause.cloud(), self.cause.class, self.found)));
        lines += &paragraph(&self.by_whom());
        lines += &words::whose_turn(&self.acting);
        lines + &words::stamp(self.stack, self.severity(), Some(&self.cause.id), Some(self.proof))
    }

    /// How many are covered again.
    fn tally(&self) -> String {
        let (covered, all) = (self.backed_up().count(), text::count(self.resources.len(), "resource"));
        match self.proof.kind {
            JobKind::Backup => format!("{covered} of {all} backed up again"),
            JobKind::Copy => format!("{covered} of {all} copied again"),
            JobKind::Restore => format!("{covered} of {all} restored since the failure"),
        }
    }

    /// How many are not yet, and how many fail otherwise.
    fn others(&self) -> String {
        // Of a cause that is open, a next run may fail as the last did: nobody only waits.
        let mut others = match (self.standing.proof, self.waiting().len()) {
            (_, 0) => String::new(),
            (_, waiting) if self.proof.kind == JobKind::Restore => match waiting {
                1 => "; 1 is not".to_owned(),
                _ => format!("; {waiting} are not"),
            },
            (None, 1) => "; 1 is still open".to_owned(),
            (None, waiting) => format!("; {waiting} are still open"),
            (Some(_), 1) => "; 1 still waits for its own next run".to_owned(),
            (Some(_), waiting) => format!("; {waiting} still wait for their own next run"),
        };
        others += &match self.failing_otherwise().len() {
            0 => String::new(),
            1 => "; 1 fails for another reason now".to_owned(),
            number => format!("; {number} fail for another reason now"),
        };
        others
    }

    /// Whether resources with another key may still fail of it.
    fn is_of_a_key(&self) -> bool {
        let class = self.found.unwrap_or(self.cause.class);
        matches!(class, Class::KmsPolicyDenied | Class::KmsKeyUnusable | Class::AccessDeniedUnspecified)
    }

    fn what_was_proven(&self) -> String {
        let proof = self.proof;
        let mut lines = heading("WHAT WAS PROVEN");
        let alike: Vec<&Job> = self.cause.jobs().filter(|failure| same_path(proof, failure)).collect();
        lines += &paragraph(&match (self.standing.proof, self.cause.entry().proven_by) {
            (None, _) => {
                "This resource has a good job again. For this cause each resource needs its own good job, and some have none yet. The incident stays open.".to_owned()
            }
            (Some(_), ProvenBy::One) if !alike.is_empty() && is_restore_of_azure(proof) => {
                "One good restore from the same vault proves this cause fixed for all restores that failed because of it. It began after the last failure.".to_owned()
            }
            (Some(_), ProvenBy::One) if !alike.is_empty() && proof.scope.cloud == Cloud::Azure => {
                "One good job into the same vault proves this cause fixed for all resources that failed because of it. It began after the last failure, and left a newer recovery point.".to_owned()
            }
            (Some(_), ProvenBy::One) if !alike.is_empty() => {
                let (whom, key) = match used_key(proof, &alike) {
                    UsedKey::Same => ("for all resources that failed because of it", " It used the same key."),
                    UsedKey::Unknown if self.is_of_a_key() => {
                        ("for all that use the same key", " Which key each of them uses is not on record.")
                    }
                    UsedKey::Unknown => ("for all resources that failed because of it", ""),
                };
                format!(
                    "One good job proves this cause fixed {whom}. It used their role and vault, or those that its plan names today. It began after the last failure.{key}"
                )
            }
            (Some(_), _) => {
                "Each resource that had failed has completed a job since then; this one was the last. Nothing fails because of this cause any more.".to_owned()
            }
        });
        lines += &words::member("Job", &format!("{} ({})", proof.id, words::whose(proof)));
        lines += &words::member("Resource", &proof.resource_arn);
        lines += &words::member("Role", proof.role_arn().unwrap_or_default());
        lines +=
            &words::member("Type", proof.azure.as_ref().and_then(|record| record.backup_type()).unwrap_or_default());
        lines += &words::member("Vault", proof.written_vault_arn().unwrap_or_default());
        lines += &words::member("Began", &words::minute(proof.created));
        lines += &words::member("Ended", &words::minute(proof.ended));
        lines += &paragraph(self.what_it_does_not_prove());
        for sentence in self.trail.sentences(self.show_address) {
            lines += &paragraph(&sentence);
        }
        lines
    }

    fn what_it_does_not_prove(&self) -> &'static str {
        let on_demand = !self.proof.origin.is_scheduled();
        match self.proof.kind {
            JobKind::Backup if on_demand && self.proof.scope.cloud == Cloud::Azure => {
                "A backup on demand says nothing of the schedule, which Azure runs by itself, nor of copies in another region. A machine's recovery point is a snapshot first, and moves to the vault later."
            }
            JobKind::Backup if on_demand => {
                "A job on demand makes a snapshot. It makes no point-in-time (continuous) backup and no copies: only the scheduled jobs prove those."
            }
            JobKind::Copy if on_demand => {
                "It copied one recovery point. The recovery points of earlier nights, whose copies failed, are still not copied."
            }
            JobKind::Restore => {
                "A completed restore shows that a restore works. Only somebody who checks the restored data can say whether it is good."
            }
            JobKind::Backup | JobKind::Copy => "",
        }
    }

    fn what_was_restored(&self) -> String {
        if is_restore_of_azure(self.proof) {
            return String::new();
        }
        let made = self.proof.restore.as_ref().and_then(|record| record.created_resource_arn.as_deref());
        heading("WHAT WAS RESTORED")
            + &words::member("From", self.proof.recovery_point_arn.as_deref().unwrap_or("the job does not name it"))
            + &words::member("As", made.unwrap_or("the job does not name it"))
    }

    fn recovery_point(&self) -> String {
        if self.proof.kind == JobKind::Restore {
            return self.what_was_restored();
        }
        let mut lines = heading("RECOVERY POINT");
        match &self.recovery_point {
            Ok(point) => {
                lines += &words::member(self.id_word(), &point.arn);
                lines += &words::member("Made", &words::minute(point.created));
                lines += &words::member("Size", &self.size(point));
                lines += &words::member(
                    "Kept until",
                    &point.expires.map_or("not known; it may be kept for ever".to_owned(), notice::minute),
                );
                lines += &words::member("Vault", &point.vault_name);
                lines += &words::member("Status", point.status.as_str());
            }
            Err(why) => {
                lines += &words::member(
                    self.id_word(),
                    self.proof.recovery_point_arn.as_deref().unwrap_or("the job names none"),
                );
                lines += &indented(
                    "  ",
                    &format!("Its size and expiry are not known: {}.", text::outside(why, 300).trim_end_matches('.')),
                );
            }
        }
        lines
    }

    /// What the id of a recovery point is called.
    fn id_word(&self) -> &'static str {
        match self.proof.scope.cloud {
            Cloud::Aws => "ARN",
            Cloud::Azure => "Id",
        }
    }

    /// AWS writes zero for types whose size it does not know; Azure tells none.
    fn size(&self, point: &RecoveryPoint) -> String {
        match (point.size_bytes, self.proof.scope.cloud) {
            (Some(bytes), _) if bytes > 0 => words::bytes(bytes),
            (_, Cloud::Aws) => "AWS gives no size for this type".to_owned(),
            (_, Cloud::Azure) => String::new(),
        }
    }

    fn covered_again(&self) -> Section {
        let covered: Vec<_> = self.backed_up().collect();
        let title = if self.proof.kind == JobKind::Restore { "RESTORED SINCE" } else { "COVERED AGAIN" };
        let mut section = Section::titled(format!("{title} ({})", covered.len()), ELSEWHERE);
        if covered.is_empty() {
            let none = "No resource that failed has a good job yet: the proof is a job of another resource.";
            section.tell(paragraph(none), 0);
        }
        section.of(words::alike(covered.iter().map(|(held, by)| (words::minute(by.ended), held.failure))))
    }

    /// The types of which no job has completed yet.
    fn not_proven(&self) -> String {
        let proven = words::unique(self.backed_up().map(|(_, by)| by.base_type()).chain([self.proof.base_type()]));
        let types = words::unique(self.resources.iter().map(|held| held.failure.base_type()));
        let not_proven: Vec<String> = types.into_iter().filter(|name| !proven.contains(name)).collect();
        if not_proven.is_empty() {
            return String::new();
        }
        heading("NOT PROVEN YET")
            + &paragraph(&format!(
                "No {} of these types has completed since: {}. They may need a further fix.",
                self.proof.kind.noun(1),
                not_proven.join(", ")
            ))
    }

    fn other_reasons(&self) -> Section {
        let otherwise = self.failing_otherwise();
        Section::titled(format!("FAILING FOR ANOTHER REASON NOW ({})", otherwise.len()), ELSEWHERE).of(words::alike(
            otherwise.iter().map(|(held, cause, class)| {
                (format!("{cause}: {}", class.entry_in(self.cause.cloud()).title), held.failure)
            }),
        ))
    }

    fn how_long(&self) -> String {
        let episode = &self.standing.episode;
        let (title, until) = match self.standing.proof {
            Some(proof) => ("HOW LONG IT LASTED", proof.ended.unwrap_or(self.now)),
            None => ("SO FAR", self.now),
        };
        let reruns = match self.standing.ended_attempts().count() {
            0 if !self.standing.copies_on_demand.is_empty() => {
                let copies = self.standing.copies_on_demand.len();
                format!("{copies} {} that no plan made ran in that time", JobKind::Copy.noun(copies))
            }
            0 => "No rerun was needed".to_owned(),
            1 if self.proof.is_attempt() && self.proof.scope.cloud == Cloud::Azure => {
                "One backup on demand was made, this one".to_owned()
            }
            number if self.proof.is_attempt() && self.proof.scope.cloud == Cloud::Azure => {
                format!("{number} backups on demand were made, this one among them")
            }
            1 if self.proof.is_our_rerun() => "One rerun was used, this one".to_owned(),
            number if self.proof.is_our_rerun() => format!("{number} reruns were used, this one among them"),
            number => format!("{} did not prove it", text::count(number, "rerun")),
        };
        let lasted = notice::span(until.duration_since(episode.start).as_secs());
        heading(title) + &paragraph(&format!("{lasted}: {}. {reruns}.", words::since(episode)))
    }

    fn next_steps(&self) -> Vec<String> {
        let waiting = self.waiting();
        let known: Vec<Timestamp> = waiting.iter().filter_map(|(wait, _)| wait.next_run).collect();
        let without = text::count(waiting.len() - known.len(), "resource");
        let mut steps = Vec::new();
        if let (Some(_), Some(late)) = (self.standing.proof, self.late()) {
            let how = match self.catch_up() {
                Some(_) => {
                    format!("Have verify back up what cannot wait, with {{\"catch_up\":[\"{}\"]}}", self.cause.id)
                }
                None => "Back up by hand what cannot wait".to_owned(),
            };
            steps.push(format!("{how}: {}.", late.whole()));
        } else if self.standing.proof.is_none() && !waiting.is_empty() {
            steps.push(to_mend(waiting.len(), &known));
        } else if let Some(first) = known.first() {
            steps.push(format!(
                "For those with a schedule there is nothing to do: the first runs at {}.",
                notice::minute(*first)
            ));
        }
        if known.len() < waiting.len() {
            steps.push(match self.standing.proof {
                _ if self.proof.kind == JobKind::Restore => {
                    format!("Restore again what you still need: {without} not restored since the failure.")
                }
                Some(_) => format!("Back up by hand what has no known next run: {without}."),
                None => format!("Once it is fixed, back up by hand what has no known next run: {without}."),
            });
        }
        steps
    }

    fn about(&self) -> About {
        let changes = self.trail.changes().iter().map(|change| change.told(self.show_address)).collect();
        let about = words::about(self.cause, self.stack, &self.standing.episode, self.now);
        let about = About { changes, ..about };
        match self.standing.proof {
            Some(_) => about,
            // Who closes incidents by their id must not close one that is still open.
            None => About { incident_ids: Vec::new(), ..about },
        }
    }

    fn backed_up(&self) -> impl Iterator<Item = (&Held<'_>, &Job)> {
        self.resources.iter().filter_map(|held| match held.fate {
            Fate::BackedUp { by } => Some((held, by)),
            _ => None,
        })
    }

    fn failing_otherwise(&self) -> Vec<(&Held<'_>, &RootCauseId, Class)> {
        let otherwise = |held| match held {
            &Held { fate: Fate::FailsOtherwise { cause, class, .. }, .. } => Some((held, cause, class)),
            _ => None,
        };
        self.resources.iter().filter_map(otherwise).collect()
    }
}

/// Its record names neither the recovery point nor what it made.
fn is_restore_of_azure(job: &Job) -> bool {
    job.kind == JobKind::Restore && job.scope.cloud == Cloud::Azure
}

/// Whether a proof used the key of those that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UsedKey {
    Same,
    /// Not on record, or another one.
    Unknown,
}

/// Not every job's record names its key. Where it does not, the message of a failure may: that of the same resource names the key of the proof.
fn used_key(proof: &Job, alike: &[&Job]) -> UsedKey {
    let key_of = |job: &Job| job.encryption_key_arn.clone().or_else(|| Named::in_text(&job.message).key);
    let of_resource = || alike.iter().filter(|failure| failure.resource_arn == proof.resource_arn);
    let key = proof.encryption_key_arn.clone().or_else(|| of_resource().find_map(|failure| key_of(failure)));
    if key.is_some() && alike.iter().all(|failure| key_of(failure) == key) { UsedKey::Same } else { UsedKey::Unknown }
}

/// `Fix the 2 that are still open; their next run is at 2026-11-22 01:00 UTC.` `known`: their next runs, the first one first.
fn to_mend(open: usize, known: &[Timestamp]) -> String {
    let (which, their) = match open {
        1 => ("the one that is still open".to_owned(), "its"),
        number => (format!("the {number} that are still open"), "their"),
    };
    match known {
        [] => format!("Fix {which}."),
        [first, .., last] if first != last => {
            format!("Fix {which}; {their} next runs begin at {}.", notice::minute(*first))
        }
        [first, ..] => format!("Fix {which}; {their} next run is at {}.", notice::minute(*first)),
    }
}
