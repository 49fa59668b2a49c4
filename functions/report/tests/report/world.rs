//! A small account: one plan, some databases, and the jobs of as many nights as a test wants.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};

use advice::stack::{RerunsElsewhere, RunbookUrl, Stack, VerifyMode};
use jiff::{SignedDuration, Timestamp};
use job::{CreatedBy, Job, JobKind, JobState, Look, Origin, Scope};
use notice::Notice;
use owner::{ByPlace, OwnerTag, Owners, Tags};
use promise::{CopyAction, Lifecycle, Plan, Rule, Selection};
use report::found::Found;
use report::record::RpoSummary;
use report::restores::to_trace;
use report::sheet::Sheet;
use report::{Coverage, Extent, Frame, Judging, Ledger, Night, Tagged, Whole};
use source::{ProtectedResource, Vault};

pub(crate) const KMS: &str = "User: arn:aws:sts::111122223333:assumed-role/backup/AWSBackup-backup is not authorized to perform: \
     kms:CreateGrant on resource: arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab because no \
     resource-based policy allows the kms:CreateGrant action";
pub(crate) const NO_OBJECTS: &str = "No objects were backed up from the source bucket amzn-s3-demo-bucket.";
pub(crate) const VAULT: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:production";
pub(crate) const OFFSITE: &str = "arn:aws:backup:eu-central-1:999988887777:backup-vault:offsite";

/// Saturday morning; the plan runs at 01:00.
pub(crate) fn now() -> Timestamp {
    "2026-11-21T06:00:00Z".parse().unwrap()
}

/// 01:00 on a night: 0 is this one, 1 the one before.
pub(crate) fn night(ago: i64) -> Timestamp {
    "2026-11-21T01:00:00Z".parse::<Timestamp>().unwrap() - days(ago)
}

pub(crate) fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

pub(crate) fn db(name: &str) -> String {
    format!("arn:aws:rds:eu-west-1:111122223333:db:{name}")
}

/// Daily at 01:00 into the vault `production`, for databases by wildcard.
pub(crate) fn plan(copies: &[&str]) -> (Plan, Vec<Selection>) {
    let copy = |vault: &&str| CopyAction { destination_vault_arn: (*vault).to_owned(), lifecycle: None };
    let rule = Rule {
        id: "rule-1".into(),
        name: "daily".into(),
        schedule: Some("cron(0 1 ? * * *)".into()),
        vault_name: "production".into(),
        start_window_minutes: Some(480),
        completion_window_minutes: Some(10_080),
        lifecycle: Some(Lifecycle { delete_after_days: Some(35), ..Lifecycle::default() }),
        copies: copies.iter().map(copy).collect(),
        ..Rule::default()
    };
    let selection = Selection {
        id: "selection-1".into(),
        plan_id: "plan-1".into(),
        name: "databases".into(),
        resources: vec!["arn:aws:rds:*:*:db:*".into()],
        ..Selection::default()
    };
    (Plan { id: "plan-1".into(), name: "nightly".into(), rules: vec![rule], ..Plan::default() }, vec![selection])
}

pub(crate) fn job(arn: &str, state: JobState, message: &str, nights_ago: i64) -> Job {
    let created = night(nights_ago);
    let in_flight = state.in_flight();
    let name = arn.rsplit(':').next().unwrap();
    Job {
        message: message.to_owned(),
        scope: Scope::aws("111122223333", "eu-west-1"),
        resource_arn: arn.to_owned(),
        resource_name: Some(name.to_owned()),
        resource_type: if arn.contains(":s3:") { "S3" } else { "RDS" }.into(),
        role: Some("arn:aws:iam::111122223333:role/service-role/AWSBackupDefaultServiceRole".into()),
        vault: Some(VAULT.into()),
        recovery_point_arn: (state == JobState::Completed)
            .then(|| format!("arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:{name}-{nights_ago}")),
        created: Some(created),
        ended: (!in_flight).then(|| created + SignedDuration::from_mins(20)),
        start_by: Some(created + SignedDuration::from_hours(8)),
        size_bytes: Some(1_000_000_000),
        origin: Origin::Rule(CreatedBy {
            plan_id: Some("plan-1".into()),
            plan_name: Some("nightly".into()),
            rule_id: Some("rule-1".into()),
            rule_name: Some("daily".into()),
            rule_schedule: Some("cron(0 1 ? * * *)".into()),
            ..CreatedBy::default()
        }),
        ..Job::new(JobKind::Backup, format!("{name}-{nights_ago}-{}", state.as_str().to_lowercase()), state)
    }
}

pub(crate) fn good(name: &str, nights_ago: i64) -> Job {
    job(&db(name), JobState::Completed, "", nights_ago)
}

pub(crate) fn failed(name: &str, nights_ago: i64) -> Job {
    job(&db(name), JobState::Failed, KMS, nights_ago)
}

/// The copy of a backup, begun when the backup was done.
pub(crate) fn copy(backup: Job, state: JobState, message: &str) -> Job {
    let begun = backup.ended;
    Job {
        kind: JobKind::Copy,
        id: format!("copy-{}", backup.id),
        state,
        message: message.to_owned(),
        destination: Some(OFFSITE.into()),
        source_recovery_point_arn: backup.recovery_point_arn.clone(),
        created: begun,
        ended: begun.map(|begun| begun + SignedDuration::from_mins(10)),
        start_by: None,
        ..backup
    }
}

/// A rerun of Night One: on demand, with a start window of 61 minutes.
pub(crate) fn rerun(job: Job, hours_later: i64) -> Job {
    let created = job.created.unwrap() + SignedDuration::from_hours(hours_later);
    Job {
        id: format!("rerun-{}", job.id),
        created: Some(created),
        ended: Some(created + SignedDuration::from_mins(20)),
        start_by: Some(created + SignedDuration::from_mins(61)),
        origin: Origin::NightOne,
        ..job
    }
}

pub(crate) fn protected(arn: &str, last_backup: Timestamp) -> ProtectedResource {
    let name = arn.rsplit(':').next().unwrap();
    ProtectedResource {
        arn: arn.to_owned(),
        name: Some(name.to_owned()),
        resource_type: if arn.contains(":s3:") { "S3" } else { "RDS" }.into(),
        last_backup: Some(last_backup),
        vault_arn: Some(VAULT.into()),
        recovery_point_arn: Some(format!("{arn}:point")),
    }
}

/// What a test varies; everything else is a calm night.
pub(crate) struct World {
    pub(crate) jobs: Vec<Job>,
    pub(crate) protected: Vec<ProtectedResource>,
    pub(crate) plans: Vec<(Plan, Vec<Selection>)>,
    /// ARN, name and value of a tag, of all resources that have one. None: tags were not read.
    pub(crate) tagged: Option<Vec<(String, &'static str, &'static str)>>,
    pub(crate) coverage: Coverage,
    pub(crate) opted_out: Vec<&'static str>,
    pub(crate) vaults: Vec<Vault>,
    pub(crate) subscriptions: Option<usize>,
    pub(crate) rpo: Option<SignedDuration>,
    pub(crate) clock: Timestamp,
    pub(crate) runbook: Option<RunbookUrl>,
    /// Of databases, by their names.
    pub(crate) tags: Vec<(&'static str, &'static [(&'static str, &'static str)])>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            jobs: Vec::new(),
            protected: Vec::new(),
            plans: vec![plan(&[])],
            tagged: None,
            coverage: Coverage::default(),
            opted_out: Vec::new(),
            vaults: Vec::new(),
            subscriptions: Some(2),
            rpo: None,
            clock: now(),
            runbook: None,
            tags: Vec::new(),
        }
    }
}

impl World {
    pub(crate) fn night(self) -> Night {
        let last_report = now() - days(1);
        let mut ledger = Ledger::new(now(), last_report);
        self.jobs.into_iter().for_each(|job| ledger.job(job));
        self.protected.into_iter().for_each(|resource| ledger.protected(resource));
        let opted_out: BTreeSet<String> = self.opted_out.into_iter().map(str::to_owned).collect();
        let mut tagged = Tagged::default();
        for (arn, name, value) in self.tagged.iter().flatten() {
            let tags = BTreeMap::from([((*name).to_owned(), (*value).to_owned())]);
            tagged.take(&self.plans, &opted_out, &mut ledger, (arn, &tags));
        }
        let tagged = if self.tagged.is_some() { tagged.whole() } else { tagged };
        Night {
            now: now(),
            last_report,
            scope: Scope::aws("111122223333", "eu-west-1"),
            settings: Judging {
                rpo: self.rpo,
                stuck_after: SignedDuration::from_hours(4),
                look_back: days(30),
                restore_within: days(90),
                least_days: 14,
            },
            looks: report::Looks::ALONE,
            ledger,
            plans: self.plans,
            tagged,
            opted_out,
            coverage: self.coverage,
            testing: report::Testing::default(),
            vaults: self.vaults,
            azure: report::Azure::default(),
            owners: owner::ByPlace::default(),
        }
    }

    pub(crate) fn judged(self) -> Report {
        self.judged_over(30)
    }

    /// With the jobs of `look_back` days read.
    pub(crate) fn judged_over(mut self, look_back: i64) -> Report {
        let stack = Stack {
            label: notice::Label::of_place("111122223333", "eu-west-1"),
            called: None,
            account: "111122223333".into(),
            region: "eu-west-1".into(),
            verify_function: "night-one-verify".into(),
            runbook: self.runbook.clone(),
            verify_mode: VerifyMode::Run,
            reruns_elsewhere: RerunsElsewhere::None,
        };
        let (clock, subscriptions) = (self.clock, self.subscriptions);
        let tags = std::mem::take(&mut self.tags);
        let mut night = self.night();
        night.settings.look_back = days(look_back);
        let frame = Frame {
            now: night.now,
            clock,
            last_report: night.last_report,
            scope: night.scope.clone(),
            settings: night.settings,
            subscriptions,
            stack,
            extent: Extent::One,
            opening: Vec::new(),
            page: report::KeptPage::Nowhere,
        };
        // Nobody has ever restored anything that no job tells of.
        let wanted = to_trace(&night.ledger, &night.coverage, &night.scope.region, usize::MAX);
        let traces = wanted.into_iter().map(|arn| (arn, Look::Seen(None))).collect();
        let mut judged = report::judge(night);
        if !tags.is_empty() {
            judged = judged.owned_by(owners(&tags));
        }
        judged.take_restores(&traces);
        Report { judged, frame }
    }
}

/// What these tags say. Those of the others were read too, and there are none.
fn owners(tags: &[(&str, &[(&str, &str)])]) -> ByPlace {
    let of = |pairs: &[(&str, &str)]| -> Tags {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let read = tags.iter().map(|(name, pairs)| (db(name), Look::Seen(of(pairs))));
    let account = Look::NotLooked { why: "no organization is watched".to_owned() };
    let scope = Scope::aws("111122223333", "eu-west-1");
    ByPlace::of([(scope, Owners::of(read, account, &OwnerTag::default()))])
}

/// A judged night, and what stands around it.
pub(crate) struct Report {
    judged: report::Report,
    frame: Frame,
}

impl Report {
    fn whole(&self) -> Whole {
        Whole::of(self.frame.clone(), &self.judged)
    }

    /// With its rows, as the page of the night needs them.
    pub(crate) fn with_rows(&self) -> Whole {
        let mut whole = self.whole();
        whole.digest.sheet = Sheet::of(&self.judged);
        whole
    }
}

impl Deref for Report {
    type Target = report::Report;

    fn deref(&self) -> &report::Report {
        &self.judged
    }
}

impl DerefMut for Report {
    fn deref_mut(&mut self) -> &mut report::Report {
        &mut self.judged
    }
}

/// A report as the edge makes it, when every recovery point that was looked for is there.
pub(crate) fn confirmed(mut report: Report) -> Report {
    let outcomes =
        report.to_confirm().into_iter().map(|point| (point.row, Look::Seen(Found::Some { created: None }))).collect();
    report.confirm(outcomes, Vec::new());
    report
}

/// The log lines of a record, parsed.
pub(crate) fn lines(report: &Report, record: &str) -> Vec<serde_json::Value> {
    let parsed = report.lines().map(|line| serde_json::from_str::<serde_json::Value>(&line).unwrap());
    parsed.filter(|line| line["record"] == record).collect()
}

/// Resource, leg and verdict of every row, worst first.
pub(crate) fn verdicts(report: &Report) -> Vec<String> {
    let named: std::collections::BTreeMap<String, String> = lines(report, "backup_evidence")
        .iter()
        .map(|line| {
            let text = |member: &str| line[member].as_str().unwrap_or_default().to_owned();
            (format!("{} {}", text("resource_name"), text("leg")), text("verdict"))
        })
        .collect();
    named.into_iter().map(|(row, verdict)| format!("{row}: {verdict}")).collect()
}

/// What its readers make of a report.
pub(crate) trait Told {
    fn notice(&self) -> Notice;
    fn lines(&self) -> impl Iterator<Item = String>;
    fn metrics(&self) -> Vec<String>;
    fn answer(&self) -> RpoSummary;
}

impl Told for Report {
    fn notice(&self) -> Notice {
        report::mail::notice(&self.whole())
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        let summary = report::record::summary_line(&self.whole());
        report::record::lines(self).chain([summary])
    }

    fn metrics(&self) -> Vec<String> {
        report::metrics::lines(&self.whole())
    }

    fn answer(&self) -> RpoSummary {
        report::record::summary(&self.whole())
    }
}
