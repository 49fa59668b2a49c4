//! What is put on the bus of a job in another account or Region. Pure.

use aws::BusEvent;
use jiff::Timestamp;
use job::event::{Names, OF_AWS, SOURCE};
use job::{CreatedBy, Job, Origin};
use serde_json::{Map, Value, json};

/// The event of one job. Its members are called as in AWS Backup's own events, and its kind stands beside them. Of a job that is too large the texts
/// are cut.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html>
pub fn event(job: &Job) -> BusEvent {
    let whole = members(job);
    let detail = |members: &Value| {
        let scope = &job.scope;
        let detail =
            json!({"cloud": scope.cloud.as_str(), "account": scope.account, "region": scope.region, "job": members});
        detail.to_string()
    };
    let mut detail_fits = detail(&whole);
    for (message, text) in CUTS {
        if detail_fits.len() <= BusEvent::LARGEST_DETAIL {
            break;
        }
        detail_fits = detail(&cut(&whole, message, text));
    }
    BusEvent { source: SOURCE, detail_type: OF_AWS, detail: detail_fits }
}

/// Characters of the message and of every other text, from the mildest cut to one whose result is small whatever is in it. No name or ARN of AWS is
/// longer than the first ones.
const CUTS: [(usize, usize); 3] = [(16_000, 2_048), (4_000, 1_024), (1_000, 500)];

/// All that the record tells.
fn members(job: &Job) -> Value {
    let names = Names::of(job.kind);
    let mut members = Members::default();
    members.text("kind", job.kind.as_str());
    members.text(names.id, job.id.as_str());
    // A record without a state is none that is known to be good.
    members.text(names.state, Some(job.state.as_str()).filter(|word| !word.is_empty()).unwrap_or("UNKNOWN"));
    members.text("statusMessage", job.message.as_str());
    members.text("messageCategory", job.category.as_deref());
    members.text(names.resource, job.resource_arn.as_str());
    members.text("resourceName", job.resource_name.as_deref());
    members.text("resourceType", job.resource_type.as_str());
    members.text("iamRoleArn", job.role_arn());
    members.text(names.vault, job.vault_arn());
    members.text("destinationBackupVaultArn", job.destination_vault_arn());
    members.text(names.recovery_point, job.recovery_point_arn.as_deref());
    members.text("sourceRecoveryPointArn", job.source_recovery_point_arn.as_deref());
    members.text("encryptionKeyArn", job.encryption_key_arn.as_deref());
    members.instant("creationDate", job.created);
    members.instant("initiationDate", job.started);
    members.instant("completionDate", job.ended);
    members.instant("startBy", job.start_by);
    members.instant("expectedCompletionDate", job.expected_completion);
    members.text("parentJobId", job.parent_job_id.as_deref());
    members.value("isParent", Some(job.is_parent));
    members.value("backupSizeInBytes", job.size_bytes);
    members.value("bytesTransferred", job.bytes_transferred);
    members.value("percentDone", job.percent_done);
    members.value("retryCount", job.retry_count);
    if let Origin::CopyOf { backup_job, .. } = &job.origin {
        members.text("createdByBackupJobId", backup_job.as_str());
    }
    members.value("createdBy", job.rule().map(created_by));
    Value::Object(members.0)
}

fn created_by(rule: &CreatedBy) -> Value {
    let mut members = Members::default();
    members.text("backupPlanId", rule.plan_id.as_deref());
    members.text("backupPlanArn", rule.plan_arn.as_deref());
    members.text("backupPlanName", rule.plan_name.as_deref());
    members.text("backupPlanVersion", rule.plan_version.as_deref());
    members.text("backupPlanRuleId", rule.rule_id.as_deref());
    members.text("backupRuleName", rule.rule_name.as_deref());
    members.text("backupRuleCron", rule.rule_schedule.as_deref());
    members.text("backupRuleTimezone", rule.rule_time_zone.as_deref());
    Value::Object(members.0)
}

/// Members of an object. What is not known is left out.
#[derive(Default)]
struct Members(Map<String, Value>);

impl Members {
    fn text<'a>(&mut self, name: &str, text: impl Into<Option<&'a str>>) {
        self.value(name, text.into().filter(|text| !text.is_empty()));
    }

    fn instant(&mut self, name: &str, instant: Option<Timestamp>) {
        self.value(name, instant.map(|instant| instant.to_string()));
    }

    fn value(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
    }
}

fn cut(job: &Value, message: usize, text: usize) -> Value {
    let shortened = |value: &str, limit: usize| Value::String(value.chars().take(limit).collect());
    match job {
        Value::Object(members) => {
            let cut = members.iter().map(|(name, value)| match value {
                Value::String(value) if name == "statusMessage" => (name.clone(), shortened(value, message)),
                other => (name.clone(), cut(other, message, text)),
            });
            Value::Object(cut.collect())
        }
        Value::String(value) => shortened(value, text),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use job::{JobKind, JobState, Scope};
    use proptest::prelude::*;

    use super::*;

    fn detail(job: &Job) -> Value {
        serde_json::from_str(&event(job).detail).unwrap()
    }

    fn job(kind: JobKind) -> Job {
        let rule = CreatedBy {
            plan_id: Some("p".into()),
            rule_schedule: Some("cron(0 3 ? * * *)".into()),
            ..CreatedBy::default()
        };
        Job {
            scope: Scope::aws("444455556666", "us-east-1"),
            message: "Access denied".into(),
            resource_arn: "db".into(),
            vault: Some("vault".into()),
            recovery_point_arn: Some("point".into()),
            created: Some("2026-03-13T01:00:00.5Z".parse().unwrap()),
            origin: Origin::CopyOf { backup_job: "b-1".into(), rule: Some(rule) },
            ..Job::new(kind, "1", JobState::Failed)
        }
    }

    #[test]
    fn each_kind_has_the_members_of_its_own_events() {
        let common = ["createdBy", "createdByBackupJobId", "creationDate", "isParent", "kind", "statusMessage"];
        let table: [(JobKind, &[&str]); 3] = [
            (JobKind::Backup, &["backupJobId", "backupVaultArn", "recoveryPointArn", "resourceArn", "state"]),
            (
                JobKind::Copy,
                &["copyJobId", "destinationRecoveryPointArn", "resourceArn", "sourceBackupVaultArn", "state"],
            ),
            (JobKind::Restore, &["backupVaultArn", "recoveryPointArn", "restoreJobId", "sourceResourceArn", "status"]),
        ];
        for (kind, own) in table {
            let detail = detail(&job(kind));
            let told = (&detail["cloud"], &detail["account"], &detail["region"]);
            assert_eq!(told, (&json!("aws"), &json!("444455556666"), &json!("us-east-1")));
            let mut expected: Vec<&str> = common.iter().chain(own).copied().collect();
            expected.sort_unstable();
            let members: Vec<&String> = detail["job"].as_object().unwrap().keys().collect();
            assert_eq!(members, expected, "{kind:?}");
            assert_eq!(detail["job"]["createdBy"], json!({"backupPlanId": "p", "backupRuleCron": "cron(0 3 ? * * *)"}));
            assert_eq!(detail["job"]["creationDate"], "2026-03-13T01:00:00.5Z");
        }
        let unknown = Job { state: JobState::Other(String::new()), ..job(JobKind::Restore) };
        assert_eq!(detail(&unknown)["job"]["status"], "UNKNOWN");
    }

    /// The start window of 61 minutes tells our own reruns, to the millisecond of both its ends.
    #[test]
    fn each_time_is_told_as_the_record_has_it() {
        let at = |text: &str| Some(text.parse().unwrap());
        let timed = Job {
            started: at("2026-03-13T01:00:01Z"),
            ended: at("2026-03-13T01:40:00.25Z"),
            start_by: at("2026-03-13T02:01:00.5Z"),
            expected_completion: at("2026-03-13T02:00:00Z"),
            ..job(JobKind::Backup)
        };
        let detail = detail(&timed);
        for (name, time) in [
            ("creationDate", "2026-03-13T01:00:00.5Z"),
            ("initiationDate", "2026-03-13T01:00:01Z"),
            ("completionDate", "2026-03-13T01:40:00.25Z"),
            ("startBy", "2026-03-13T02:01:00.5Z"),
            ("expectedCompletionDate", "2026-03-13T02:00:00Z"),
        ] {
            assert_eq!(detail["job"][name], time, "{name}");
        }
    }

    #[test]
    fn a_long_message_is_cut_and_the_rest_of_the_job_stays() {
        let long = Job { message: "x".repeat(300_000), ..job(JobKind::Backup) };
        let detail = detail(&long);
        assert_eq!(detail["job"]["statusMessage"].as_str().unwrap().len(), 16_000);
        let mut rest = detail["job"].clone();
        rest["statusMessage"] = json!("Access denied");
        assert_eq!(rest, self::detail(&job(JobKind::Backup))["job"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20))]
        #[test]
        fn every_job_fits_and_stays_one(lengths in proptest::collection::vec(0_usize..100_000, 6), sign in "[x\"\u{1}\u{e9}\u{1f600}]") {
            let text = |at: usize| sign.repeat(lengths[at]);
            let long = Job {
                message: text(0),
                resource_arn: text(1),
                resource_name: Some(text(2)),
                resource_type: text(3),
                recovery_point_arn: Some(text(4)),
                origin: Origin::Rule(CreatedBy { plan_name: Some(text(5)), ..CreatedBy::default() }),
                ..job(JobKind::Backup)
            };
            prop_assert!(event(&long).detail.len() <= BusEvent::LARGEST_DETAIL);
            prop_assert_eq!(&detail(&long)["job"]["backupJobId"], "1");
        }
    }
}
