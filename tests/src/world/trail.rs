use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::World;

/// A management event as CloudTrail keeps it.
#[derive(Clone, Debug)]
pub struct TrailEvent {
    pub id: String,
    /// `PutKeyPolicy`.
    pub name: String,
    /// `kms.amazonaws.com`.
    pub source: String,
    /// Where it is looked up: IAM, STS and Organizations have theirs in us-east-1.
    pub region: String,
    pub time: Timestamp,
    /// From when on it is listed, which is later.
    pub listed: Timestamp,
    /// The ARN of the role or user that did it.
    pub actor: String,
    pub username: String,
    /// The service that made the call in the actor's name.
    pub through: Option<String>,
    /// An IP address, or the name of a service.
    pub address: String,
    pub access_key: String,
    pub read_only: bool,
    /// Type and name: `AWS::KMS::Key` and its ARN.
    pub resources: Vec<(String, String)>,
    pub request: Value,
    pub answer: Value,
    /// What AWS tells of a thing that it did by itself; such an event has no request.
    pub service_details: Option<Value>,
    /// Set when the call failed, and so changed nothing.
    pub error: Option<String>,
}

/// The time that CloudTrail takes on average.
const UNTIL_LISTED: SignedDuration = SignedDuration::from_mins(5);

impl World {
    /// Records a change that a person made at an instant, by the event's source and name: `record("kms", "PutKeyPolicy", ..)`.
    pub fn record(&mut self, service: &str, name: &str, time: Timestamp, request: Value) -> &mut TrailEvent {
        let global = ["iam", "sts", "organizations"].contains(&service);
        let region = if global { "us-east-1" } else { &self.region };
        self.trail.push(TrailEvent {
            name: name.to_owned(),
            source: format!("{service}.amazonaws.com"),
            region: region.to_owned(),
            time,
            listed: time + UNTIL_LISTED,
            actor: format!("arn:aws:sts::{}:assumed-role/Operations/alex", self.account),
            username: "alex".to_owned(),
            through: None,
            address: "198.51.100.7".to_owned(),
            access_key: "ASIAEXAMPLEOPERATOR1".to_owned(),
            read_only: false,
            resources: Vec::new(),
            request,
            answer: Value::Null,
            service_details: None,
            error: None,
            id: String::new(),
        });
        let id = self.next_id();
        let event = self.trail.last_mut().expect("just added");
        event.id = id;
        event
    }

    /// Records what AWS Backup did by itself: `ProcessBackupPlanSelection`.
    pub fn record_service_event(&mut self, name: &str, time: Timestamp, details: Value) -> &mut TrailEvent {
        let event = self.record("backup", name, time, Value::Null);
        event.actor = "backup.amazonaws.com".to_owned();
        event.username = String::new();
        event.access_key = String::new();
        event.service_details = Some(details);
        event
    }
}

impl TrailEvent {
    /// Names a thing that the call was about.
    pub fn about(&mut self, kind: &str, name: &str) -> &mut Self {
        self.resources.push((kind.to_owned(), name.to_owned()));
        self
    }

    /// The record itself, which LookupEvents hands out as text.
    #[must_use]
    pub(crate) fn record(&self, account: &str) -> Value {
        let role = self.actor.split('/').nth(1).unwrap_or_default();
        let mut record = json!({
            "eventVersion": "1.11", "eventID": self.id, "eventName": self.name, "eventSource": self.source,
            "eventTime": self.time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), "awsRegion": self.region,
            "eventType": "AwsApiCall", "managementEvent": true, "readOnly": self.read_only, "recipientAccountId": account,
            "sourceIPAddress": self.address, "userAgent": "aws-cli/2.31.0",
            "userIdentity": {
                "type": "AssumedRole", "arn": self.actor, "accountId": account, "accessKeyId": self.access_key,
                "sessionContext": {"sessionIssuer": {
                    "type": "Role", "userName": role, "arn": format!("arn:aws:iam::{account}:role/{role}"), "accountId": account
                }}
            },
            "requestParameters": self.request,
            "responseElements": self.answer,
            "resources": self.resources.iter().map(|(kind, name)| json!({"type": kind, "ARN": name})).collect::<Vec<_>>(),
        });
        if let Some(service) = &self.through {
            record["userIdentity"]["invokedBy"] = json!(service);
        }
        if let Some(error) = &self.error {
            record["errorCode"] = json!(error);
        }
        if let Some(details) = &self.service_details {
            record["eventType"] = json!("AwsServiceEvent");
            record["userIdentity"] = json!({"accountId": account, "invokedBy": self.actor});
            record["serviceEventDetails"] = details.clone();
        }
        record
    }
}
