//! Every mail a person may read, as a snapshot: one for each class, from the first example of its data file, and the special forms.
//!
//! To accept a changed wording: `INSTA_UPDATE=always cargo test -p classify --test mails`, then read the difference.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop the test, as tests do")]

#[path = "mails/promises.rs"]
mod promises;
#[path = "mails/whose.rs"]
mod whose;

use advice::stack::Stack;
use advice::stack::{RerunsElsewhere, RunbookUrl, VerifyMode};
use cause::episode::Episode;
use cause::group::group;
use cause::judged::Judged;
use cause::rank::{Block, Ranked};
use change::ShowAddress;
use classification::class::Class;
use classify::causes::{Cause, CauseTonight, Failure, Listed};
use classify::decide::{AcceptedSoFar, Among, OpenFor, PageDecision};
use classify::page::{Access, Incident, Page, Reach, digest};
use classify::promised::{Objective, ObjectiveBy};
use classify::risk::{AtRisk, LastGood};
use classify::severity::severity;
use jiff::{SignedDuration, Timestamp};
use job::{CreatedBy, Job, JobKind, JobState, Look, Origin, Scope};
use lambda::settings::Reader;
use notice::section::LINES;
use notice::{Label, Notice};
use owner::{Acting, OwnerTag, Owners, Tags};
use policy::{Certainty, Finding, ObstacleKind};
use source::diagnosis::Diagnosis;
use source::trail::Answer;

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn now() -> Timestamp {
    "2026-11-21T03:07:00Z".parse().unwrap()
}

fn job(kind: JobKind, state: JobState, resource_type: &str, message: &str) -> Job {
    let resource_type = if resource_type.is_empty() { "RDS" } else { resource_type };
    Job {
        message: message.to_owned(),
        scope: Scope::aws("111122223333", "eu-west-1"),
        resource_arn: "arn:aws:rds:eu-west-1:111122223333:db:orders".into(),
        resource_name: Some("orders".into()),
        resource_type: resource_type.to_owned(),
        role: Some("arn:aws:iam::111122223333:role/service-role/AWSBackupDefaultServiceRole".into()),
        vault: Some("arn:aws:backup:eu-west-1:111122223333:backup-vault:production".into()),
        destination: (kind == JobKind::Copy)
            .then(|| "arn:aws:backup:eu-central-1:999988887777:backup-vault:offsite".into()),
        created: Some("2026-11-21T01:00:00Z".parse().unwrap()),
        ended: Some("2026-11-21T03:02:00Z".parse().unwrap()),
        start_by: Some("2026-11-21T09:00:00Z".parse().unwrap()),
        origin: Origin::Rule(CreatedBy {
            plan_id: Some("1fa1ab2c-3de4-5f67-8901-2b3c4d5e6f70".into()),
            plan_name: Some("nightly".into()),
            rule_name: Some("daily-35d".into()),
            ..CreatedBy::default()
        }),
        ..Job::new(kind, "1b2345b2-f22c-4dab-5eb6-bbc7890ed123", state)
    }
}

fn causes(jobs: Vec<Job>) -> Vec<Cause> {
    let failure = |job: Job| Failure {
        event_id: format!("event-{}", job.id),
        message_ids: vec![format!("message-{}", job.id)],
        listed: Listed::Yes,
        judged: Judged::new(job),
    };
    group(jobs.into_iter().map(failure))
}

fn known(failures: usize, nights: usize) -> PageDecision {
    let block = Block::containing(now(), 24);
    let start = now() - SignedDuration::from_hours(24 * (nights as i64 - 1));
    PageDecision::Known {
        episode: Some(Episode { start, last: now(), failures, nights }),
        ranked: vec![Ranked { block, page_rank: Some(1) }],
        among: Among::New,
        relapse: None,
        reruns: 0,
        since: Some(start),
        open: None,
        escalates: None,
    }
}

fn fresh(cause: &Cause) -> Vec<AtRisk> {
    let time = "2026-11-20T01:00:00Z".parse().unwrap();
    let resource = |arn: &str| AtRisk {
        arn: arn.to_owned(),
        scope: cause.jobs().find(|job| job.resource_arn == arn).unwrap().scope.clone(),
        name: Some("orders".into()),
        resource_type: cause.first_job().unwrap().resource_type.clone(),
        last_good: Look::Seen(LastGood::Began {
            at: time,
            recovery_point_arn: Some("arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:job-1".into()),
        }),
        objective: Ok(Objective {
            age: SignedDuration::from_mins(32 * 60 + 11),
            by: ObjectiveBy::Rules("rule daily-35d, cron(0 1 ? * * *) UTC".into()),
        }),
        next_run: Some("2026-11-22T01:00:00Z".parse().unwrap()),
        windows: None,
        longest: None,
        keeps_days: None,
        on_its_way: None,
        outgrown: None,
    };
    cause.resources().into_iter().take(3).map(resource).collect()
}

fn incident(cause: &Cause, id: Option<String>) -> Incident {
    Incident {
        cause: cause.id.clone(),
        id,
        scope: cause.first_job().unwrap().scope.clone(),
        name: None,
        access: Access::Open,
        jobs: cause.failures.len(),
        resources: cause.resources().len(),
    }
}

fn page(cause: &Cause, diagnosis: Diagnosis, at_risk: Vec<AtRisk>, decision: PageDecision) -> Page<'_> {
    Page {
        tonight: CauseTonight { cause, beside: Vec::new() },
        severity: severity(cause.jobs(), &diagnosis, &at_risk, decision.page(), now()),
        incidents: vec![incident(cause, decision.episode().map(|_| format!("{}-20261121", cause.id)))],
        looked_into: Some(cause.id.clone()),
        family: None,
        unread: None,
        acting: acting(cause),
        diagnosis,
        at_risk,
        decision,
        now: now(),
        reach: Reach::Here,
        stack: Stack {
            label: Label::of_place("111122223333", "eu-west-1"),
            called: None,
            account: "111122223333".into(),
            region: "eu-west-1".into(),
            verify_function: "night-one-verify".into(),
            runbook: None,
            verify_mode: VerifyMode::Run,
            reruns_elsewhere: RerunsElsewhere::None,
        },
        trail: Answer::NotAsked,
        show_address: ShowAddress::Network,
    }
}

/// One team owns all.
fn acting(cause: &Cause) -> Acting {
    let tags =
        |job: &Job| (job.resource_arn.clone(), Look::Seen(Tags::from([("owner".to_owned(), "crm-team".to_owned())])));
    let none = Look::NotLooked { why: String::new() };
    let owners = Owners::of(cause.jobs().map(tags), none, &OwnerTag::default());
    let mut acting = Acting::default();
    cause.jobs().for_each(|job| acting.add(&job.resource_arn, job.resource_label(), now(), &owners));
    acting
}

/// Where the company of a few of these mails keeps its runbook.
fn runbook() -> Option<RunbookUrl> {
    Reader::new(&|_| Some("https://wiki.example.com/night-one/runbook".to_owned())).runbook().unwrap()
}

fn as_mail(notice: &Notice) -> String {
    format!("Subject: {}\nAttributes: {:?}\n\n{}", notice.subject, notice.attributes(), notice.body)
}

#[test]
fn every_class_has_its_mail() {
    for class in Class::ALL {
        let example = &class.entry().examples[0];
        let job = job(example.job, example.state.clone(), example.resource_type, example.message);
        let causes = causes(vec![job]);
        let cause = &causes[0];
        assert_eq!(cause.class, class);
        let page = page(cause, Diagnosis::of_text(&cause.classification), fresh(cause), known(1, 1));
        insta::assert_snapshot!(format!("{class}"), as_mail(&page.notice()));
    }
}

#[test]
fn every_subject_begins_with_the_verdict_and_names_the_fault() {
    for class in Class::ALL {
        let example = &class.entry().examples[0];
        let jobs = (0..2).map(|n| Job {
            id: format!("{n:04}"),
            ..job(example.job, example.state.clone(), example.resource_type, example.message)
        });
        let causes = causes(jobs.collect());
        let cause = &causes[0];
        let mut page = page(cause, Diagnosis::of_text(&cause.classification), fresh(cause), known(1_000, 1));
        page.tonight.beside = vec![cause.first_job().unwrap(); 998];
        let notice = page.notice();
        assert!(notice.subject.len() <= 99, "{}", notice.subject);
        // A label as long as account and Region leaves no room for the longest titles.
        let ends_with = |title: &str| notice.subject.ends_with(&format!(": {title}"));
        assert!(ends_with(class.entry().title) || ends_with(class.entry().short), "cut: {}", notice.subject);
    }
}

/// Verdict, deadline and the beginning of the fix on the first eight lines of a phone.
#[test]
fn every_page_has_verdict_deadline_and_fix_on_the_first_screen() {
    const COLUMNS: usize = 40;
    for class in Class::ALL {
        let example = &class.entry().examples[0];
        let causes = causes(vec![job(example.job, example.state.clone(), example.resource_type, example.message)]);
        let cause = &causes[0];
        let body = page(cause, Diagnosis::of_text(&cause.classification), fresh(cause), known(1, 1)).notice().body;
        let is_fix = |line: &str| line.starts_with("Fix: ") || line.starts_with("Likely fix: ");
        let before = body.lines().take_while(|line| !is_fix(line));
        let rows: usize = before.map(|line| line.len().div_ceil(COLUMNS)).sum();
        assert!(rows < 8, "{class}: the fix begins on line {}\n{body}", rows + 1);
    }
}

#[test]
fn a_bare_denial_settled_by_evidence() {
    let jobs: Vec<Job> = (0..47)
        .map(|n| Job {
            id: format!("job-{n:02}"),
            resource_arn: format!("arn:aws:rds:eu-west-1:111122223333:db:orders-{n:02}"),
            ..job(JobKind::Backup, JobState::Failed, "RDS", "Access Denied")
        })
        .collect();
    // A dozen in this batch, the rest on record.
    let (batch, beside) = jobs.split_at(12);
    let causes = causes(batch.to_vec());
    let cause = &causes[0];
    let mut diagnosis = Diagnosis::of_text(&cause.classification);
    diagnosis.class = Class::KmsPolicyDenied;
    diagnosis.named.key = Some(KEY.into());
    diagnosis.finding = Some(Finding {
        kind: ObstacleKind::KeyPolicy,
        subject: KEY.into(),
        sentence: format!("The key policy of {KEY} has no statement that allows kms:CreateGrant to the role."),
        action: Some("kms:CreateGrant".into()),
        certainty: Certainty::Certain,
    });
    diagnosis.looked_at = vec![format!("The key {KEY} is usable: its state is Enabled.")];
    diagnosis.could_not_read = vec!["Policies of the role: iam:SimulatePrincipalPolicy denied: AccessDenied.".into()];
    let mut at_risk = fresh(cause);
    at_risk[0].last_good = Look::Missing;
    let mut page = page(cause, diagnosis, at_risk, known(47, 6));
    page.tonight.beside = beside.iter().collect();
    page.stack.runbook = runbook();
    insta::assert_snapshot!("special-settled-by-evidence", as_mail(&page.notice()));
}

#[test]
fn a_late_page_whose_history_could_not_be_read() {
    let causes =
        causes(vec![job(JobKind::Backup, JobState::Failed, "RDS", "Flux capacitor drained\r\nSubject: all is well")]);
    let cause = &causes[0];
    let why = "backup:ListBackupJobs throttled: ThrottlingException: Rate exceeded".to_owned();
    let mut page = page(cause, Diagnosis::of_text(&cause.classification), Vec::new(), PageDecision::Unreadable { why });
    page.now = now() + SignedDuration::from_hours(9);
    insta::assert_snapshot!("special-late-and-unreadable", as_mail(&page.notice()));
}

#[test]
fn an_escalation_says_since_when_and_who_has_to_act() {
    let causes = causes(vec![job(JobKind::Backup, JobState::Failed, "RDS", &refused())]);
    let cause = &causes[0];
    let decision = match known(4, 4) {
        PageDecision::Known { episode, ranked, among, relapse, reruns, since, .. } => {
            let open = since.map(|since| OpenFor { since, nights: 4, accepted: AcceptedSoFar::default() });
            let escalates = Some(Block::containing(now(), 24));
            PageDecision::Known { episode, ranked, among, relapse, reruns, since, open, escalates }
        }
        unreadable => unreadable,
    };
    let mut page = page(cause, Diagnosis::of_text(&cause.classification), fresh(cause), decision);
    page.stack.runbook = runbook();
    let notice = page.notice();
    assert!(notice.subject.contains("] CRITICAL: night 4: "), "{}", notice.subject);
    insta::assert_snapshot!("special-escalation", as_mail(&notice));
}

/// A fault that may pass by itself lets people sleep, unless somebody is past an objective before the next run.
#[test]
fn who_cannot_wait_for_the_next_run_is_no_information() {
    use notice::Severity::{Info, Warning};
    let causes = causes(vec![job(JobKind::Backup, JobState::Failed, "RDS", "Backup job encountered a fatal error")]);
    let cause = &causes[0];
    // The resource exceeds its objective at 09:11 UTC.
    for (next_run, severity, says) in [
        (Some("2026-11-21T07:00:00Z"), Info, "Next run 2026-11-21 07:00 UTC: in time."),
        (Some("2026-11-21T09:11:00Z"), Warning, "Next run 2026-11-21 09:11 UTC: too late."),
        (Some("2026-11-22T01:00:00Z"), Warning, "Next run 2026-11-22 01:00 UTC: too late."),
        (None, Warning, "No next run is known."),
    ] {
        let mut at_risk = fresh(cause);
        at_risk[0].next_run = next_run.map(|run| run.parse().unwrap());
        let notice = page(cause, Diagnosis::of_text(&cause.classification), at_risk, known(1, 1)).notice();
        let prose = notice.body.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(notice.severity == severity && prose.contains(says), "{:?}: {prose}", notice.severity);
    }
}

/// A phone shows few lines: what is the same for many is said once.
#[test]
fn a_page_is_as_long_for_a_thousand_resources_as_for_a_dozen() {
    let lines = |resources: usize| {
        let of = |number: usize| Job {
            id: format!("1b2345b2-f22c-4dab-5eb6-{number:012}"),
            resource_arn: format!("arn:aws:rds:eu-west-1:111122223333:db:orders-{number:04}"),
            ..job(JobKind::Backup, JobState::Failed, "RDS", &refused())
        };
        let causes = causes((0..resources).map(of).collect());
        let cause = &causes[0];
        let diagnosis = Diagnosis::of_text(&cause.classification);
        page(cause, diagnosis, fresh(cause), known(resources, 1)).notice().body.lines().count()
    };
    let [one, dozen, many, thousand] = [1, 12, 41, 1_000].map(lines);
    for lines in [one, dozen, many, thousand] {
        assert!(lines <= LINES, "{one} {dozen} {many} {thousand}");
    }
    assert_eq!(many, thousand);
}

/// Of a key that thirty roles want, with much that was looked at and much that could not be read. Of several accounts each resource is named
/// with its own, and nothing else of the page says which those are.
#[test]
fn long_steps_give_up_lines_before_the_resources_at_risk_do() {
    for accounts in [1, 2] {
        let account = |n: usize| format!("{:012}", 111_122_223_333 + n % accounts);
        let of_role = |n: usize| Job {
            id: format!("job-{n:02}"),
            resource_arn: format!("arn:aws:rds:eu-west-1:{}:db:orders-{n:02}", account(n)),
            role: Some(format!("arn:aws:iam::{}:role/Backup-{n:02}", account(n)).into()),
            scope: Scope::aws(account(n), "eu-west-1"),
            ..job(JobKind::Backup, JobState::Failed, "RDS", &refused())
        };
        let causes = causes((0..30).map(of_role).collect());
        let cause = &causes[0];
        let sentences = |what: &str| -> Vec<String> {
            (0..9)
                .map(|n| format!("{what} of the role Backup-{n:02} of account 111122223333 {}", "and more ".repeat(9)))
                .collect()
        };
        let mut diagnosis = Diagnosis::of_text(&cause.classification);
        (diagnosis.looked_at, diagnosis.could_not_read) = (sentences("The policies"), sentences("Grants"));
        let mut at_risk = fresh(cause);
        for (resource, days) in at_risk.iter_mut().zip(1..) {
            resource.name = resource.arn.rsplit(':').next().map(str::to_owned);
            resource.objective = Ok(Objective { age: SignedDuration::from_hours(24 * days), by: ObjectiveBy::Tag });
        }
        let mut page = page(cause, diagnosis, at_risk, known(30, 6));
        page.stack.runbook = runbook();
        if accounts > 1 {
            let of = |n: usize| Incident {
                scope: Scope::aws(account(n), "eu-west-1"),
                name: Some(format!("prod-{n}")),
                ..page.incidents[0].clone()
            };
            page.incidents = (0..accounts).map(of).collect();
        }
        let body = page.notice().body;
        assert!(body.lines().count() <= LINES, "{body}");
        let (steps, risk) = body.split_once("\nWHAT IS AT RISK\n").unwrap();
        // By their ARNs: those of the first account come first.
        for n in [0, accounts, 2 * accounts] {
            let whose = if accounts > 1 { " of prod-0" } else { "" };
            let entry = format!("  orders-{n:02}{whose} (RDS)\n");
            assert!(risk.contains(&entry), "{entry}: {body}");
            // Where the other parts leave no room for them, the log has the ARNs.
            assert!(accounts > 1 || risk.contains(&format!(":db:orders-{n:02}\n")), "{body}");
        }
        let left = notice::text::count(cause.resources().len() - 3, "more resource");
        assert!(risk.trim_end().ends_with(&format!("and {left}, in the log (page)")), "{body}");
        // The first step of the fix, who must agree and the claim are never left out.
        for part in [
            "1. Let the role of the job use the key",
            " more step",
            ", in the runbook\n",
            "Who must agree: ",
            "lambda invoke",
        ] {
            assert!(steps.contains(part), "{part:?}: {body}");
        }
    }
}

/// The ARN of a bucket names no account.
#[test]
fn each_resource_of_a_fault_in_several_accounts_is_named_with_its_account() {
    for (arn, resource_type, expected) in [
        ("arn:aws:rds:eu-west-1:111122223334:db:orders", "RDS", "orders of prod-27 (RDS)"),
        ("arn:aws:s3:::orders", "S3", "orders of prod-27 (S3)"),
    ] {
        let scope = Scope::aws("111122223334", "eu-west-1");
        let of = Job {
            resource_arn: arn.into(),
            scope: scope.clone(),
            ..job(JobKind::Backup, JobState::Failed, resource_type, &refused())
        };
        let causes = causes(vec![of]);
        let diagnosis = Diagnosis::of_text(&causes[0].classification);
        let mut page = page(&causes[0], diagnosis, fresh(&causes[0]), known(1, 1));
        let other = Incident { scope, name: Some("prod-27".into()), ..page.incidents[0].clone() };
        page.incidents[0].scope.account = "111122223333".into();
        page.incidents.push(other);
        let body = page.notice().body;
        assert_eq!(body.split_whitespace().collect::<Vec<_>>().join(" ").matches(expected).count(), 2, "{body}");
    }
}

/// The key refuses, in AWS's own words.
fn refused() -> String {
    format!(
        "User: arn:aws:sts::111122223333:assumed-role/Backup/x is not authorized to perform: kms:CreateGrant on resource: {KEY} because \
         no resource-based policy allows the kms:CreateGrant action"
    )
}

#[test]
fn roles_and_vaults_of_a_cause_are_named_and_counted() {
    let of_role = |n: usize| Job {
        id: format!("job-{n}"),
        role: Some(format!("arn:aws:iam::111122223333:role/Backup-{n}").into()),
        ..job(JobKind::Backup, JobState::Failed, "RDS", &refused())
    };
    let causes = causes((0..5).map(of_role).collect());
    let cause = &causes[0];
    assert_eq!((causes.len(), cause.failures.len()), (1, 5), "one key, for all who want it");
    let body = page(cause, Diagnosis::of_text(&cause.classification), fresh(cause), known(5, 1)).notice().body;
    for line in [
        "  Role         arn:aws:iam::111122223333:role/Backup-0",
        "               arn:aws:iam::111122223333:role/Backup-1 and 3 more",
    ] {
        assert!(body.lines().any(|found| found == line), "{line}\n{body}");
    }
    assert!(body.contains("These jobs ran as 5 roles"), "{body}");
}

#[test]
fn causes_beyond_ten_share_a_digest() {
    let messages = ["Access Denied", "Backup job expired before completion.", "The volume 'vol-1' does not exist."];
    let jobs = messages
        .iter()
        .enumerate()
        .map(|(n, message)| Job { id: format!("job-{n}"), ..job(JobKind::Backup, JobState::Failed, "EBS", message) });
    let causes = causes(jobs.collect());
    let page_with_a_link = |cause| {
        let mut page = page(cause, Diagnosis::of_text(&cause.classification), fresh(cause), known(1, 1));
        page.stack.runbook = runbook();
        page
    };
    let mut pages: Vec<Page<'_>> = causes.iter().map(page_with_a_link).collect();
    // Of those that are as severe, the first deadline comes first.
    for (page, days) in pages.iter_mut().zip([3, 1, 2]) {
        let age = SignedDuration::from_hours(24 * days + 8);
        page.at_risk[0].objective = Ok(Objective { age, by: ObjectiveBy::Tag });
    }
    let notice = digest(&pages, &pages[0].stack).unwrap();
    insta::assert_snapshot!("special-digest", as_mail(&notice));
    let anchors: Vec<&str> = notice.about.runbook_urls.iter().filter_map(|url| Some(url.split_once('#')?.1)).collect();
    assert_eq!(anchors, notice.about.root_cause_classes, "each class has its link, in the same order");
}
