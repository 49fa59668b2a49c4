//! Whatever comes back, it is an answer, a refusal, or nothing that can be read. Played on the SDK itself, with every operation that we call.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_backup::config::http::{HttpRequest, HttpResponse};
use aws_sdk_backup::config::{BehaviorVersion, Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use aws_types::region::Region;
use job::{JobKind, JobState};
use promise::{BackupOrder, CopyOrder};
use tokio::time::Instant;

use crate::cloudtrail::{Lookup, LookupBy};
use crate::error::{Error, ErrorKind};
use crate::events::BusEvent;
use crate::home::Home;
use crate::http::Http;
use crate::jobs::JobQuery;
use crate::recovery_points::Usable;
use crate::tags::Wanted;

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/a";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

/// What is read: AWS writes an empty list as an empty list, and an answer without one breaks its contract.
const LISTS: [(&str, &str); 15] = [
    ("backup:ListBackupJobs", r#"{"BackupJobs":[]}"#),
    ("backup:ListCopyJobs", r#"{"CopyJobs":[]}"#),
    ("backup:ListRestoreJobs", r#"{"RestoreJobs":[]}"#),
    ("backup:ListProtectedResources", r#"{"Results":[]}"#),
    ("backup:ListRecoveryPointsByResource", r#"{"RecoveryPoints":[]}"#),
    ("backup:ListRecoveryPointsByBackupVault", r#"{"RecoveryPoints":[]}"#),
    ("backup:ListBackupPlans", r#"{"BackupPlansList":[]}"#),
    ("backup:ListBackupPlanVersions", r#"{"BackupPlanVersionsList":[]}"#),
    ("cloudtrail:LookupEvents", r#"{"Events":[]}"#),
    ("backup:ListBackupSelections", r#"{"BackupSelectionsList":[]}"#),
    ("backup:ListBackupVaults", r#"{"BackupVaultList":[]}"#),
    ("kms:ListGrants", r#"{"Grants":[],"Truncated":false}"#),
    ("organizations:ListAccounts", r#"{"Accounts":[]}"#),
    ("organizations:ListTagsForResource", r#"{"Tags":[]}"#),
    ("tag:GetResources", r#"{"PaginationToken":"","ResourceTagMappingList":[]}"#),
];

/// What is asked for one thing, or tells AWS to do one.
const OTHERS: [&str; 17] = [
    "backup:DescribeRecoveryPoint",
    "backup:GetBackupPlan",
    "backup:GetBackupSelection",
    "backup:GetBackupVaultAccessPolicy",
    "backup:DescribeRegionSettings",
    "backup:StartBackupJob",
    "backup:StartCopyJob",
    "backup:StopBackupJob",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "iam:GetRole",
    "iam:SimulatePrincipalPolicy",
    "sns:Publish",
    "sns:GetTopicAttributes",
    "sts:AssumeRole",
    "sts:GetWebIdentityToken",
    "events:PutEvents",
];

/// On a stack as large as that of a program: a debug build keeps the futures of all these calls in one frame, and a thread of a test has 2 MB.
fn play(operation: &str, status: u16, body: &'static str) -> Result<(), Error> {
    let played = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(call(operation, status, body))
    };
    std::thread::scope(|scope| {
        std::thread::Builder::new().stack_size(8 << 20).spawn_scoped(scope, played).unwrap().join().unwrap()
    })
}

async fn call(operation: &str, status: u16, body: &'static str) -> Result<(), Error> {
    let home = answering(status, body);
    let account = home.account("111122223333");
    let until = Instant::now() + Duration::from_secs(30);
    let jobs = |kind| JobQuery::of(kind);
    match operation {
        "backup:ListBackupJobs" => account.jobs(&jobs(JobKind::Backup), until).await.map(drop),
        "backup:ListCopyJobs" => account.jobs(&jobs(JobKind::Copy), until).await.map(drop),
        "backup:ListRestoreJobs" => account.jobs(&jobs(JobKind::Restore), until).await.map(drop),
        "backup:ListProtectedResources" => account.each_protected_resource(until, drop).await,
        "backup:ListRecoveryPointsByResource" => account.recovery_points("arn", until).await.map(drop),
        "backup:ListRecoveryPointsByBackupVault" => {
            account.old_points("main", jiff::Timestamp::UNIX_EPOCH, until).await.map(drop)
        }
        "backup:ListBackupPlans" => account.plans(until).await.map(drop),
        "backup:ListBackupPlanVersions" => account.plan_versions("p", until).await.map(drop),
        "cloudtrail:LookupEvents" => {
            let (by, at) = (LookupBy::EventName("PutKeyPolicy"), jiff::Timestamp::UNIX_EPOCH);
            account.changes(&Lookup { by, after: at, before: at, pages: 1 }, until).await.map(drop)
        }
        "backup:ListBackupSelections" => account.selections("p", until).await.map(drop),
        "backup:ListBackupVaults" => account.vaults(until).await.map(drop),
        "organizations:ListAccounts" => home.organization(until).await.map(drop),
        "organizations:ListTagsForResource" => home.account_tags("444455556666", Duration::ZERO, until).await.map(drop),
        "tag:GetResources" => {
            account.resource_tags(&["arn:aws:s3:::b".to_owned()], until).await?;
            account.each_tagged(&Wanted::Kept, until, |_, _| {}).await?;
            account
                .each_tagged(&Wanted::Tag { name: "owner".to_owned(), values: BTreeSet::new() }, until, |_, _| {})
                .await
        }
        "kms:ListGrants" => account.key_grants(KEY, until).await.map(drop),
        "backup:DescribeRecoveryPoint" => account.recovery_point("main", "arn", until).await.map(drop),
        "backup:GetBackupPlan" => account.plan("p", until).await.map(drop),
        "backup:GetBackupSelection" => account.selection("p", "s", until).await.map(drop),
        "backup:GetBackupVaultAccessPolicy" => account.vault_policy("main", until).await.map(drop),
        "backup:DescribeRegionSettings" => account.opt_ins(until).await.map(drop),
        "backup:StartBackupJob" => account.start_backup(&BackupOrder::default()).await.map(drop),
        "backup:StartCopyJob" => account.start_copy(&CopyOrder::default()).await.map(drop),
        "backup:StopBackupJob" => account.stop_backup("job-1", until).await,
        "kms:DescribeKey" => account.described_key(KEY, until).await.map(drop),
        "kms:GetKeyPolicy" => account.key_policy(KEY, until).await.map(drop),
        "iam:GetRole" => account.role("Backup", until).await.map(drop),
        "iam:SimulatePrincipalPolicy" => account.simulate("arn", &["a:B"], "*", &[], until).await.map(drop),
        "sns:Publish" => home.publish(TOPIC, None, "text", &[], until).await.map(drop),
        "sts:AssumeRole" => home.assume("arn", until).await.map(drop),
        "sts:GetWebIdentityToken" => home.web_identity("api://elsewhere", until).await.map(drop),
        "sns:GetTopicAttributes" => home.confirmed_subscriptions(TOPIC, until).await.map(drop),
        "events:PutEvents" => {
            let event = BusEvent { source: "s", detail_type: "d", detail: "{}".to_owned() };
            home.bus("b").put_all(&[event], until).await.pop().map_or(Ok(()), |not_put| Err(not_put.error))
        }
        other => panic!("{other} is not played"),
    }
}

/// Answers every call alike.
#[derive(Clone, Copy, Debug)]
struct Always(u16, &'static str);

impl HttpConnector for Always {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let answer = HttpResponse::new(self.0.try_into().unwrap(), SdkBody::from(self.1));
        HttpConnectorFuture::ready(Ok(answer))
    }
}

fn answering(status: u16, body: &'static str) -> Home {
    let connector = SharedHttpConnector::new(Always(status, body));
    let credentials = Credentials::new("id", "secret", None, None, "test");
    let http = Http::new(connector.clone(), Duration::from_secs(8));
    Home::new(
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build(),
        http,
    )
}

fn operations() -> impl Iterator<Item = &'static str> {
    LISTS.iter().map(|(operation, _)| *operation).chain(OTHERS)
}

#[test]
fn an_answer_without_its_members_cannot_be_read() {
    const XML: [(&str, &str); 6] = [
        ("iam:GetRole", "<GetRoleResponse><GetRoleResult></GetRoleResult></GetRoleResponse>"),
        (
            "iam:SimulatePrincipalPolicy",
            "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>",
        ),
        ("sns:Publish", "<PublishResponse><PublishResult></PublishResult></PublishResponse>"),
        ("sts:AssumeRole", "<AssumeRoleResponse><AssumeRoleResult></AssumeRoleResult></AssumeRoleResponse>"),
        (
            "sts:GetWebIdentityToken",
            "<GetWebIdentityTokenResponse><GetWebIdentityTokenResult></GetWebIdentityTokenResult></GetWebIdentityTokenResponse>",
        ),
        (
            "sns:GetTopicAttributes",
            "<GetTopicAttributesResponse><GetTopicAttributesResult></GetTopicAttributesResult></GetTopicAttributesResponse>",
        ),
    ];
    // AWS answers a stop with nothing: there is no member that could be missing.
    for operation in operations().filter(|operation| *operation != "backup:StopBackupJob") {
        let bare = XML.iter().find(|(of, _)| *of == operation).map_or("{}", |(_, body)| *body);
        for body in ["", bare, "<html>Please log in</html>"] {
            let error = play(operation, 200, body).expect_err(operation);
            assert_eq!(
                (error.kind, error.operation),
                (ErrorKind::Malformed, operation),
                "{body:?}: {}",
                error.detail()
            );
            assert!(!error.refused_by_aws(), "{operation}: {body:?}");
        }
    }
}

#[test]
fn an_empty_list_is_an_answer() {
    for (operation, body) in LISTS {
        assert_eq!(play(operation, 200, body), Ok(()), "{operation}");
    }
}

#[test]
fn a_no_says_what_it_is_about() {
    let denied = r#"{"__type":"AccessDeniedException","message":"no"}"#;
    for operation in operations().filter(|operation| operation.starts_with("backup:") || operation.starts_with("kms:"))
    {
        let error = play(operation, 403, denied).expect_err(operation);
        assert_eq!((error.kind, error.operation), (ErrorKind::Denied, operation));
        assert!(error.refused_by_aws(), "{operation}");
    }
}

/// What is asked for by ARN has no second page: what would stand on it is not known, and not without tags.
#[tokio::test]
async fn tags_are_told_whole_or_not_at_all() {
    let until = Instant::now() + Duration::from_secs(30);
    let arn = "arn:aws:s3:::b".to_owned();
    let table = [
        (r#"{"PaginationToken":"more","ResourceTagMappingList":[]}"#, "which cannot be asked for"),
        (r#"{"ResourceTagMappingList":[{"Tags":[]}]}"#, "it holds no ARN"),
        (r#"{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:s3:::b"}]}"#, "it holds no tags"),
    ];
    for (body, why) in table {
        let error =
            answering(200, body).account("1").resource_tags(std::slice::from_ref(&arn), until).await.unwrap_err();
        assert_eq!((error.kind, error.said().ends_with(why)), (ErrorKind::Malformed, true), "{body}: {}", error.said());
    }
    let body =
        r#"{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:s3:::b","Tags":[{"Key":"owner","Value":"crm"}]}]}"#;
    let tags = answering(200, body).account("1").resource_tags(std::slice::from_ref(&arn), until).await.unwrap();
    assert_eq!(tags[&arn]["owner"], "crm");
}

#[tokio::test]
async fn words_that_are_not_known_are_kept() {
    let until = Instant::now() + Duration::from_secs(30);
    let home = answering(200, r#"{"BackupJobs":[{"BackupJobId":"1","State":"FROZEN"},{"BackupJobId":"2"}]}"#);
    let failed = JobQuery { state: Some(JobState::Failed), ..JobQuery::of(JobKind::Backup) };
    let jobs = home.account("1").jobs(&failed, until).await.unwrap();
    let states: Vec<&JobState> = jobs.iter().map(|job| &job.state).collect();
    assert_eq!(states, [&JobState::Other("FROZEN".to_owned()), &JobState::Other(String::new())]);
    let home = answering(200, r#"{"RecoveryPointArn":"arn","Status":"FROZEN"}"#);
    let point = home.account("1").recovery_point("main", "arn", until).await.unwrap().unwrap();
    assert_eq!((point.status.as_str(), point.usable()), ("FROZEN", Usable::Unknown));
    let home = answering(200, r#"{"KeyMetadata":{"KeyId":"a","KeyState":"Frozen"}}"#);
    let (state, _) = home.account("1").described_key(KEY, until).await.unwrap();
    assert_eq!(state.state, "Frozen");
}
