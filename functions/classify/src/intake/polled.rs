//! One event of ours about a job of an account that forwards none -> one [`job::Job`]. `collect` puts them on the stack's own bus, with the members of
//! AWS Backup's own events. The envelope's account and Region are those of the bus.

use jiff::Timestamp;
use job::JobKind;

use super::azure::not_ours;
use super::event::{Reading, Told, judged};
use super::lenient::Members;

/// Reads one event. `now` stands in for the time of an event that has none.
pub(super) fn read(event_id: String, time: Option<Timestamp>, envelope: &Members<'_>, now: Timestamp) -> Reading {
    if let Some(reason) = not_ours(envelope.text("source").as_deref()) {
        return Reading::Ignored { event_id, reason };
    }
    let malformed = || Reading::Malformed { why: "the event holds no record of a job of AWS Backup".to_owned() };
    let Some(place) = envelope.object("detail") else { return malformed() };
    let Some(job) = place.object("job") else { return malformed() };
    let is_named = |kind: &JobKind| job.text("kind").is_some_and(|word| word == kind.as_str());
    let Some(kind) = JobKind::ALL.into_iter().find(is_named) else { return malformed() };
    // Such an event may come again as long as its record is young: what stands in for the end must not move.
    let began = job.instant("initiationDate").or_else(|| job.instant("creationDate"));
    let ended_else = began.or(time).unwrap_or(now);
    judged(kind, Told { event_id, time, ended_else, place: &place, job: &job })
}

#[cfg(test)]
mod tests {
    use job::event::{OF_AWS, SOURCE};
    use job::{Origin, Scope};
    use serde_json::{Value, json};

    use super::super::event;
    use super::*;

    fn body(detail: Value) -> Value {
        json!({
            "id": "e-1", "source": SOURCE, "detail-type": OF_AWS, "account": "111122223333", "region": "eu-west-1",
            "time": "2026-11-21T03:00:00Z", "resources": [], "detail": detail,
        })
    }

    fn detail(job: Value) -> Value {
        json!({"cloud": "aws", "account": "444455556666", "region": "us-east-1", "job": job})
    }

    fn read(body: &Value) -> Reading {
        event::read(&body.to_string(), "2026-11-21T04:00:00Z".parse().unwrap())
    }

    fn bad(job: Value) -> job::Job {
        match read(&body(detail(job))) {
            Reading::Bad(event) => event.job,
            other => panic!("no failure: {other:?}"),
        }
    }

    #[test]
    fn a_polled_job_is_of_the_account_and_region_that_it_ran_in() {
        let backup = bad(json!({
            "kind": "backup", "backupJobId": "b-1", "state": "FAILED", "recoveryPointArn": "made",
            "creationDate": "2026-11-21T01:00:00.5Z", "startBy": "2026-11-21T02:01:00Z", "completionDate": "2026-11-21T01:40:00Z",
        }));
        assert_eq!((backup.kind, backup.id.as_str()), (JobKind::Backup, "b-1"));
        assert_eq!(backup.scope, Scope::aws("444455556666", "us-east-1"));
        assert_eq!(backup.ended, Some("2026-11-21T01:40:00Z".parse().unwrap()));
        assert_eq!((backup.origin, backup.recovery_point_arn.as_deref()), (Origin::NightOne, Some("made")));
        let copy = bad(json!({"kind": "copy", "copyJobId": "c-1", "state": "FAILED", "createdByBackupJobId": "b-1"}));
        assert_eq!((copy.id.as_str(), copy.origin.is_scheduled()), ("c-1", true));
        let restore =
            bad(json!({"kind": "restore", "restoreJobId": "r-1", "status": "ABORTED", "sourceResourceArn": "db"}));
        assert_eq!((restore.id.as_str(), restore.resource_arn.as_str()), ("r-1", "db"));
    }

    #[test]
    fn without_an_end_its_beginning_stands_in_however_often_it_comes() {
        let job = |more: Value| {
            let mut job = json!({"kind": "backup", "backupJobId": "b-1", "state": "FAILED"});
            job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            bad(job).ended.unwrap().to_string()
        };
        assert_eq!(job(json!({"creationDate": "2026-11-20T01:00:00Z"})), "2026-11-20T01:00:00Z");
        let started = json!({"creationDate": "2026-11-20T01:00:00Z", "initiationDate": "2026-11-20T02:00:00Z"});
        assert_eq!(job(started), "2026-11-20T02:00:00Z");
        assert_eq!(job(json!({})), "2026-11-21T03:00:00Z", "the time of the event");
    }

    #[test]
    fn what_is_no_failure_says_why() {
        let completed = body(detail(json!({"kind": "backup", "backupJobId": "b-1", "state": "COMPLETED"})));
        let mut of_others = body(detail(json!({"kind": "backup", "backupJobId": "b-1", "state": "FAILED"})));
        of_others["source"] = json!("aws.backup");
        let table = [
            (completed, "a backup job that is COMPLETED is not a failure"),
            (of_others, "source \"aws.backup\" is not night-one"),
        ];
        for (body, reason) in table {
            assert_eq!(read(&body), Reading::Ignored { event_id: "e-1".into(), reason: reason.into() });
        }
        let no_kind = detail(json!({"backupJobId": "b-1", "state": "FAILED"}));
        let no_id = detail(json!({"kind": "copy", "backupJobId": "b-1", "state": "FAILED"}));
        for detail in [json!({}), json!(null), json!({"job": 7}), no_kind, no_id] {
            assert!(matches!(read(&body(detail.clone())), Reading::Malformed { .. }), "{detail}");
        }
    }
}
