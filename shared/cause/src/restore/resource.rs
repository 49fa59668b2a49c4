//! What all restores of a resource together say: the verdict of a report, and of an auditor.

use jiff::{SignedDuration, Timestamp};
use job::{Job, Look};

use super::{How, LONGEST_VALIDATION, Outcome, Whose, outcome};

/// One restore of a resource: the little that is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restore {
    pub outcome: Outcome,
    /// When it ended; of one on its way when it began.
    pub at: Timestamp,
    pub job: Box<str>,
    pub recovery_point: Option<Box<str>>,
    /// The restore testing plan that made it.
    pub plan: Option<Box<str>>,
    /// What the validator said, else what AWS said.
    pub said: Box<str>,
}

/// The restores of one resource, taken in one by one in any order. However many there are, at most four are kept.
#[derive(Clone, Debug, Default)]
pub struct Restores {
    /// The latest that proves it, or that says it cannot be restored. Nothing but a later one of these takes it back.
    decisive: Option<Box<Restore>>,
    /// The latest that brought something back at which nobody looked.
    restored: Option<Box<Restore>>,
    under_way: Option<Box<Restore>>,
    /// The latest that failed of a cause of its own.
    in_vain: Option<Box<Restore>>,
}

/// What is to be known beside its restores.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    pub now: Timestamp,
    /// RESTORE_TEST_DAYS: how old the last good restore may be.
    pub at_most: SignedDuration,
    pub lists: Lists,
    /// When AWS says that the latest restore began, which outlives the records of jobs. Looked up only where no list has one.
    pub last_tried: &'a Look<Option<Timestamp>>,
    pub testable: Testable,
}

/// Whether the lists of restores were read to their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists {
    Whole,
    Part,
}

/// Whether AWS Backup has restore tests for a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Testable {
    Yes,
    No,
}

/// What is known of whether a resource can be restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    FailedValidation,
    NotProven(Whose),
    NobodyValidated,
    /// The last good restore is older than allowed.
    Overdue,
    NeverTested,
    Unknown,
    /// It was restored, or somebody tried to: AWS keeps the date for longer than the outcome.
    Tried,
    UnderWay,
    NotValidated,
    CannotBeTested,
    Proven(How),
}

impl Verdict {
    /// The word of log lines and of the answer of a check.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Proven(_) => "proven",
            Verdict::NotValidated => "restored-not-validated",
            Verdict::UnderWay => "under-way",
            Verdict::FailedValidation => "failed-validation",
            Verdict::NobodyValidated => "nobody-validated",
            Verdict::NotProven(Whose::Test) => "not-proven-cause-of-the-test",
            Verdict::NotProven(Whose::Backup) => "not-proven-cause-of-the-backup",
            Verdict::NotProven(Whose::NotTold) => "not-proven",
            Verdict::Overdue => "overdue",
            Verdict::Tried => "tried",
            Verdict::NeverTested => "never-tested",
            Verdict::CannotBeTested => "cannot-be-tested",
            Verdict::Unknown => "unknown",
        }
    }

    /// Whether it is known that the resource cannot be restored, or that what came back was bad.
    pub fn is_bad(self) -> bool {
        matches!(self, Verdict::FailedValidation | Verdict::NotProven(Whose::Backup))
    }
}

impl Testable {
    /// By the type as AWS Backup writes it, and the Region. Of a type that we have not heard of AWS may have tests.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-feature-availability.html>
    pub fn of(resource_type: &str, region: &str) -> Self {
        const TYPES: [&str; 10] = [
            "CloudFormation",
            "DSQL",
            "EKS",
            "Redshift",
            "Redshift Serverless",
            "SAP HANA on Amazon EC2",
            "Storage Gateway",
            "Aurora DSQL",
            "Timestream",
            "VirtualMachine",
        ];
        const REGIONS: [&str; 7] = [
            "ap-east-2",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-west-1",
            "il-central-1",
            "mx-central-1",
        ];
        let base = resource_type.split('.').next().unwrap_or_default();
        let is_without = REGIONS.contains(&region) || region.starts_with("cn-") || region.starts_with("eusc-");
        if TYPES.contains(&base) || is_without { Testable::No } else { Testable::Yes }
    }
}

impl Restore {
    /// `None` for what says nothing of its own, and for one without any date.
    pub fn of(job: &Job) -> Option<Self> {
        let record = job.restore.as_ref();
        let said = record.map(|record| record.validation_message.as_str()).filter(|said| !said.is_empty());
        Some(Self {
            outcome: outcome(job)?,
            at: job.ended.or(job.created)?,
            job: job.id.as_str().into(),
            recovery_point: job.recovery_point_arn.as_deref().map(Into::into),
            plan: job.testing_plan_arn().map(Into::into),
            said: notice_of(said.unwrap_or(&job.message)).into(),
        })
    }
}

/// Enough for a line of the log.
fn notice_of(said: &str) -> &str {
    const LONGEST: usize = 600;
    let end = said.char_indices().map(|(at, _)| at).take_while(|at| *at <= LONGEST).last().unwrap_or(0);
    if said.len() <= LONGEST { said } else { said.get(..end).unwrap_or_default() }
}

impl Restores {
    pub fn take(&mut self, restore: Restore) {
        let slot = match restore.outcome {
            Outcome::Proven(_)
            | Outcome::FailedValidation
            | Outcome::Unknown
            | Outcome::NotProven(Whose::Backup | Whose::NotTold) => &mut self.decisive,
            Outcome::NotValidated | Outcome::NobodyValidated => &mut self.restored,
            Outcome::UnderWay => &mut self.under_way,
            Outcome::NotProven(Whose::Test) => &mut self.in_vain,
        };
        let is_later = |known: &Restore| (known.at, &known.job) < (restore.at, &restore.job);
        if slot.as_deref().is_none_or(is_later) {
            *slot = Some(Box::new(restore));
        }
    }

    /// The verdict, and the restore that it rests on.
    pub fn verdict(&self, asked: &Asked<'_>) -> (Verdict, Option<&Restore>) {
        let in_time = |restore: &&Restore| asked.now.duration_since(restore.at) <= asked.at_most;
        let decisive = self.decisive.as_deref();
        let known = match decisive.map(|restore| (restore.outcome, restore)) {
            Some((Outcome::FailedValidation, restore)) => Some((Verdict::FailedValidation, restore)),
            Some((Outcome::NotProven(whose), restore)) => Some((Verdict::NotProven(whose), restore)),
            Some((Outcome::Unknown, restore)) => Some((Verdict::Unknown, restore)),
            _ => None,
        };
        // A list that was not read may hold a later one that takes any other verdict back.
        if let Some((verdict, restore)) = known {
            return (verdict, Some(restore));
        }
        if asked.lists == Lists::Part {
            return (Verdict::Unknown, None);
        }
        let proven = decisive.filter(in_time).and_then(|restore| match restore.outcome {
            Outcome::Proven(how) => Some((Verdict::Proven(how), restore)),
            _ => None,
        });
        let restored = self.restored.as_deref().filter(in_time).map(|restore| match restore.outcome {
            Outcome::NobodyValidated => (Verdict::NobodyValidated, restore),
            _ => (Verdict::NotValidated, restore),
        });
        // Nothing is under way for longer than a validator may take, whatever AWS goes on to say.
        let is_young = |restore: &&Restore| asked.now.duration_since(restore.at) <= LONGEST_VALIDATION;
        let under_way = self.under_way.as_deref().filter(is_young).map(|restore| (Verdict::UnderWay, restore));
        let lost = self.under_way.as_deref().map(|restore| (Verdict::Unknown, restore));
        let in_vain = self.in_vain.as_deref().filter(in_time);
        let in_vain = in_vain.map(|restore| (Verdict::NotProven(Whose::Test), restore));
        let older = [&self.decisive, &self.restored, &self.in_vain].into_iter().filter_map(Option::as_deref);
        let older = older.max_by_key(|restore| restore.at).map(|restore| (Verdict::Overdue, restore));
        let found = proven.or(restored).or(under_way).or(in_vain).or(older).or(lost);
        found.map_or_else(|| (without_restores(asked), None), |(verdict, restore)| (verdict, Some(restore)))
    }

    /// Whether any of them is on record.
    pub fn is_empty(&self) -> bool {
        [&self.decisive, &self.restored, &self.under_way, &self.in_vain].into_iter().all(Option::is_none)
    }
}

fn without_restores(asked: &Asked<'_>) -> Verdict {
    match (asked.last_tried, asked.testable) {
        (Look::Seen(Some(at)), _) if asked.now.duration_since(*at) <= asked.at_most => Verdict::Tried,
        (Look::Seen(Some(_)), _) => Verdict::Overdue,
        (_, Testable::No) => Verdict::CannotBeTested,
        (Look::Seen(None), Testable::Yes) => Verdict::NeverTested,
        // The list has the resource, and the look has not: neither is believed.
        (Look::Missing | Look::Unreadable { .. } | Look::NotLooked { .. }, Testable::Yes) => Verdict::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-29T07:00:00Z";

    fn days_ago(days: i64) -> Timestamp {
        NOW.parse::<Timestamp>().unwrap() - SignedDuration::from_hours(24 * days)
    }

    fn restores(of: &[(Outcome, i64)]) -> Restores {
        let restore = |(outcome, days): &(Outcome, i64)| Restore {
            outcome: *outcome,
            at: days_ago(*days),
            job: format!("{outcome:?}-{days}").into(),
            recovery_point: None,
            plan: None,
            said: "".into(),
        };
        let mut restores = Restores::default();
        // Any order will do.
        of.iter().rev().map(restore).for_each(|restore| restores.take(restore));
        let mut forwards = Restores::default();
        of.iter().map(restore).for_each(|restore| forwards.take(restore));
        assert_eq!(format!("{restores:?}"), format!("{forwards:?}"));
        restores
    }

    fn asked(last_tried: &Look<Option<Timestamp>>) -> Asked<'_> {
        let at_most = SignedDuration::from_hours(24 * 20);
        Asked { now: days_ago(0), at_most, lists: Lists::Whole, last_tried, testable: Testable::Yes }
    }

    #[test]
    fn the_verdict_on_a_resource() {
        use Outcome::{FailedValidation, NobodyValidated, NotProven, NotValidated, Proven, UnderWay, Unknown};
        let good = Proven(How::Validated);
        let table: [(&[(Outcome, i64)], Verdict); 23] = [
            (&[(good, 3)], Verdict::Proven(How::Validated)),
            (&[(Proven(How::ByHand), 20)], Verdict::Proven(How::ByHand)),
            (&[(good, 21)], Verdict::Overdue),
            (&[(NotValidated, 3)], Verdict::NotValidated),
            (&[(NotValidated, 21)], Verdict::Overdue),
            (&[(UnderWay, 1)], Verdict::UnderWay),
            (&[(good, 21), (UnderWay, 1)], Verdict::UnderWay),
            (&[(UnderWay, 7)], Verdict::UnderWay),
            (&[(UnderWay, 8)], Verdict::Unknown),
            (&[(good, 21), (UnderWay, 8)], Verdict::Overdue),
            (&[(good, 3), (UnderWay, 1)], Verdict::Proven(How::Validated)),
            (&[(FailedValidation, 3)], Verdict::FailedValidation),
            // A bad one is not forgotten because it is old, nor because of a later one at which nobody looked.
            (&[(FailedValidation, 28), (NotValidated, 3)], Verdict::FailedValidation),
            (&[(good, 5), (FailedValidation, 3)], Verdict::FailedValidation),
            (&[(FailedValidation, 5), (good, 3)], Verdict::Proven(How::Validated)),
            (&[(NobodyValidated, 3)], Verdict::NobodyValidated),
            (&[(good, 5), (NobodyValidated, 3)], Verdict::Proven(How::Validated)),
            (&[(NotProven(Whose::Test), 3)], Verdict::NotProven(Whose::Test)),
            (&[(good, 5), (NotProven(Whose::Test), 3)], Verdict::Proven(How::Validated)),
            (&[(good, 5), (NotProven(Whose::Backup), 3)], Verdict::NotProven(Whose::Backup)),
            (&[(good, 5), (NotProven(Whose::NotTold), 3)], Verdict::NotProven(Whose::NotTold)),
            (&[(good, 5), (Unknown, 3)], Verdict::Unknown),
            (&[(NotProven(Whose::Test), 21)], Verdict::Overdue),
        ];
        let looked = Look::Seen(None);
        for (of, expected) in table {
            assert_eq!(restores(of).verdict(&asked(&looked)).0, expected, "{of:?}");
        }
    }

    #[test]
    fn without_a_restore_on_record_the_trace_tells() {
        let unreadable = Look::Unreadable { why: "denied".to_owned() };
        let table = [
            (Look::Seen(None), Testable::Yes, Verdict::NeverTested),
            (Look::Seen(None), Testable::No, Verdict::CannotBeTested),
            (Look::Seen(Some(days_ago(15))), Testable::Yes, Verdict::Tried),
            (Look::Seen(Some(days_ago(15))), Testable::No, Verdict::Tried),
            (Look::Seen(Some(days_ago(35))), Testable::Yes, Verdict::Overdue),
            (unreadable.clone(), Testable::Yes, Verdict::Unknown),
            (unreadable, Testable::No, Verdict::CannotBeTested),
            (Look::NotLooked { why: "no time".to_owned() }, Testable::Yes, Verdict::Unknown),
            (Look::Missing, Testable::Yes, Verdict::Unknown),
        ];
        for (trace, testable, expected) in table {
            let asked = Asked { testable, ..asked(&trace) };
            assert_eq!(Restores::default().verdict(&asked).0, expected, "{trace:?} {testable:?}");
        }
    }

    #[test]
    fn nothing_is_green_while_a_list_is_not_read() {
        let looked = Look::Seen(None);
        let asked = Asked { lists: Lists::Part, ..asked(&looked) };
        for outcome in [Outcome::Proven(How::Validated), Outcome::NotValidated, Outcome::UnderWay] {
            assert_eq!(restores(&[(outcome, 3)]).verdict(&asked).0, Verdict::Unknown, "{outcome:?}");
        }
        assert_eq!(Restores::default().verdict(&asked).0, Verdict::Unknown);
        assert_eq!(restores(&[(Outcome::FailedValidation, 3)]).verdict(&asked).0, Verdict::FailedValidation);
    }

    #[test]
    fn what_aws_can_test() {
        for (of_type, region, testable) in [
            ("RDS", "eu-west-1", Testable::Yes),
            ("DynamoDB.FullyManaged", "eu-west-1", Testable::Yes),
            ("FSx", "eu-west-1", Testable::Yes),
            ("Redshift", "eu-west-1", Testable::No),
            ("VirtualMachine", "eu-west-1", Testable::No),
            ("EKS", "eu-west-1", Testable::No),
            ("RDS", "ca-west-1", Testable::No),
            ("RDS", "cn-north-1", Testable::No),
            ("Something New", "eu-west-1", Testable::Yes),
        ] {
            assert_eq!(Testable::of(of_type, region), testable, "{of_type} {region}");
        }
    }
}
