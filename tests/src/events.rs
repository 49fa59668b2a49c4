//! EventBridge events of AWS Backup, member by member as in AWS's own samples, with their oddities.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::World;
use crate::world::{BackupJob, CopyJob, Creator, JobState, RestoreJob};

impl World {
    /// The events of the given jobs, by id, in the state they have now.
    #[must_use]
    pub fn events<Id: AsRef<str>>(&self, jobs: &[Id]) -> Vec<Value> {
        jobs.iter().map(|id| self.event(id.as_ref())).collect()
    }

    /// The event of one backup, copy or restore job in the state it has now.
    #[must_use]
    pub fn event(&self, id: &str) -> Value {
        if let Some(job) = self.backup_job(id) {
            let mut event = self.backup_event(job);
            // A rule in another Region may have sent it here.
            event["region"] = json!(job.vault_arn.split(':').nth(3));
            return event;
        }
        if let Some(job) = self.copy_job(id) {
            return self.copy_event(job);
        }
        let job = self.restore_job(id).unwrap_or_else(|| panic!("the world has no job {id}"));
        self.restore_event(job)
    }

    fn backup_event(&self, job: &BackupJob) -> Value {
        let state = job.state(self.clock);
        let at = moment(self.clock, job.created, job.begins, job.ends, state);
        let mut detail = Map::new();
        detail.insert("backupJobId".into(), json!(job.id));
        detail.insert("state".into(), json!(state.name()));
        detail.insert("creationDate".into(), json!(millis(job.created)));
        if state == JobState::Created {
            // The first event of a job says no more than this.
            return self.envelope("Backup Job State Change", &job.id, state, at, json!([]), detail);
        }
        // A PARTIAL parent has made a recovery point too, of the members that went well.
        let completed = matches!(state, JobState::Completed | JobState::Partial);
        detail.insert("backupVaultArn".into(), json!(job.vault_arn));
        detail.insert("backupVaultName".into(), json!(job.vault_name));
        detail.insert("bytesTransferred".into(), json!(if completed { job.bytes.to_string() } else { "0".to_owned() }));
        detail.insert("iamRoleArn".into(), json!(job.role_arn));
        detail.insert("resourceArn".into(), json!(job.resource_arn));
        detail.insert("resourceType".into(), json!(job.kind));
        detail.insert("startBy".into(), json!(millis(job.start_by)));
        detail.insert("percentDone".into(), json!(job.percent_done(self.clock) as i64));
        if completed || state == JobState::Running {
            detail.insert("backupSizeInBytes".into(), json!(job.bytes.to_string()));
        }
        let ended = job.ended(self.clock);
        if ended && let Some(message) = &job.message {
            // AWS wraps the text of backup events, and only of those, in quotation marks of its own.
            detail.insert("statusMessage".into(), json!(format!("\"{message}\"")));
        }
        if let Some(ends) = job.ends.filter(|_| ended && state != JobState::Failed) {
            detail.insert("completionDate".into(), json!(millis(ends)));
        }
        if matches!(state, JobState::Failed | JobState::Completed) {
            detail.insert("retryCount".into(), json!(if state == JobState::Failed { 3 } else { 0 }));
        }
        insert_creator(&mut detail, job.created_by.as_ref());
        let resources = if completed { json!([job.recovery_point_arn]) } else { json!([]) };
        self.envelope("Backup Job State Change", &job.id, state, at, resources, detail)
    }

    fn copy_event(&self, job: &CopyJob) -> Value {
        let state = job.state(self.clock);
        let at = moment(self.clock, job.created, job.begins, job.ends, state);
        let mut detail = Map::new();
        if state != JobState::Created {
            detail.insert("copyJobId".into(), json!(job.id));
        }
        detail.insert("state".into(), json!(state.name()));
        detail.insert("creationDate".into(), json!(millis(job.created)));
        detail.insert("backupSizeInBytes".into(), json!(job.bytes));
        detail.insert("iamRoleArn".into(), json!(job.role_arn));
        detail.insert("resourceArn".into(), json!(job.resource_arn));
        detail.insert("resourceType".into(), json!(job.kind));
        detail.insert("sourceBackupVaultArn".into(), json!(job.source_vault_arn));
        detail.insert("destinationBackupVaultArn".into(), json!(job.destination_vault_arn));
        let ended = job.ended(self.clock);
        let destination = job.destination_recovery_point_arn.as_ref().filter(|_| ended);
        detail.insert("destinationRecoveryPointArn".into(), destination.map_or(json!({}), |arn| json!(arn)));
        if ended {
            if let Some(message) = &job.message {
                detail.insert("statusMessage".into(), json!(message));
            }
            detail.insert("completionDate".into(), json!(job.ends.map(millis)));
        }
        insert_creator(&mut detail, job.created_by.as_ref());
        let resources = json!([job.source_recovery_point_arn]);
        self.envelope("Copy Job State Change", &job.id, state, at, resources, detail)
    }

    fn restore_event(&self, job: &RestoreJob) -> Value {
        let state = job.state(self.clock);
        let at = moment(self.clock, job.created, job.begins, job.ends, state);
        let mut detail = Map::new();
        detail.insert("restoreJobId".into(), json!(job.id));
        // Only restores call it status.
        detail.insert("status".into(), json!(state.name()));
        detail.insert("creationDate".into(), json!(millis(job.created)));
        detail.insert("backupSizeInBytes".into(), json!(job.bytes.to_string()));
        detail.insert("iamRoleArn".into(), json!(job.role_arn));
        detail.insert("percentDone".into(), json!(0));
        detail.insert("resourceType".into(), json!(job.kind));
        if state == JobState::Completed {
            detail.insert("backupVaultArn".into(), json!(job.vault_arn));
            detail.insert("recoveryPointArn".into(), json!(job.recovery_point_arn));
            detail.insert("sourceResourceArn".into(), json!(job.source_resource_arn));
            detail.insert("createdResourceArn".into(), json!(job.created_resource_arn));
            detail.insert("completionDate".into(), json!(job.ends.map(millis)));
        }
        if job.ended(self.clock)
            && let Some(message) = &job.message
        {
            detail.insert("statusMessage".into(), json!(message));
        }
        if let Some(test) = &job.test {
            detail.insert("restoreTestingPlanArn".into(), json!(test.plan_arn));
        }
        let resources = json!([job.recovery_point_arn]);
        self.envelope("Restore Job State Change", &job.id, state, at, resources, detail)
    }

    fn envelope(
        &self,
        detail_type: &str,
        job: &str,
        state: JobState,
        at: Timestamp,
        resources: Value,
        detail: Map<String, Value>,
    ) -> Value {
        json!({
            "version": "0",
            "id": id_of(&format!("{job}{}", state.name())),
            "detail-type": detail_type,
            "source": "aws.backup",
            "account": self.account,
            "time": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": self.region,
            "resources": resources,
            "detail": detail
        })
    }
}

/// The SQS event by which Lambda hands over a batch of queued events. Message ids follow from the events, so a batch
/// delivered again has the same ones.
#[must_use]
pub fn sqs_batch(events: &[Value]) -> Value {
    sqs_batch_of_bodies(&events.iter().map(Value::to_string).collect::<Vec<_>>())
}

/// The same for bodies that need not be events, nor even JSON.
#[must_use]
pub fn sqs_batch_of_bodies<Body: AsRef<str>>(bodies: &[Body]) -> Value {
    let record = |(index, body): (usize, &Body)| {
        let body = body.as_ref();
        json!({
            "messageId": id_of(&format!("{index}{body}")),
            "receiptHandle": format!("receipt-{index}"),
            "body": body,
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1767236400000",
                "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "ApproximateFirstReceiveTimestamp": "1767236400001"
            },
            "messageAttributes": {},
            "md5OfBody": "00000000000000000000000000000000",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:111122223333:night-one-events",
            "awsRegion": "eu-west-1"
        })
    };
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()})
}

/// When the event was sent: some seconds after the change it tells of.
fn moment(
    now: Timestamp,
    created: Timestamp,
    begins: Timestamp,
    ends: Option<Timestamp>,
    state: JobState,
) -> Timestamp {
    let change = match state {
        JobState::Created | JobState::Pending => created,
        JobState::Running => begins,
        _ => ends.unwrap_or(now),
    };
    change + SignedDuration::from_secs(12)
}

fn insert_creator(detail: &mut Map<String, Value>, creator: Option<&Creator>) {
    if let Some(creator) = creator {
        let members = json!({
            "backupPlanId": creator.plan_id,
            "backupPlanArn": creator.plan_arn,
            "backupPlanVersion": creator.plan_version,
            "backupPlanRuleId": creator.rule_id
        });
        detail.insert("createdBy".into(), members);
    }
}

fn millis(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// An id that is the same for the same text (FNV-1a, then spread).
fn id_of(text: &str) -> String {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    crate::world::uuid_of(hash)
}
