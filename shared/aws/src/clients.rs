//! The SDK clients: built once from the environment, and for other Regions when they are first needed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use crate::gate::Gate;

/// All that Night One does with AWS goes through here. Cheap to share by reference; every method may be joined with others.
#[derive(Debug)]
pub struct Aws {
    config: SdkConfig,
    region: String,
    regions: Mutex<HashMap<String, Regional>>,
    iam: aws_sdk_iam::Client,
    pub(crate) gates: Gates,
}

/// How long a call may take. The SDK sets none but the connect timeout, so that a hung endpoint would use up the function's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// The whole call with its retries.
    pub operation: Duration,
    /// One attempt.
    pub attempt: Duration,
    pub connect: Duration,
}

impl Aws {
    /// Reads the usual SDK variables (AWS_REGION, AWS_ENDPOINT_URL, credentials). Calls nothing yet.
    pub async fn from_env(timeouts: Timeouts) -> Aws {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(timeouts.operation)
            .operation_attempt_timeout(timeouts.attempt)
            .connect_timeout(timeouts.connect)
            .build();
        // The version is pinned: "latest" would change retries and timeouts behind our back with an update.
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .load()
            .await;
        let region = config.region().map(Region::to_string).unwrap_or_default();
        let aws = Aws {
            iam: aws_sdk_iam::Client::new(&config),
            config,
            region: region.clone(),
            regions: Mutex::default(),
            gates: Gates::default(),
        };
        aws.regional(&region);
        aws
    }

    /// The Region we run in; empty when the environment names none.
    pub fn region(&self) -> &str {
        &self.region
    }

    pub(crate) fn backup(&self, region: &str) -> aws_sdk_backup::Client {
        self.regional(region).backup
    }

    pub(crate) fn kms(&self, region: &str) -> aws_sdk_kms::Client {
        self.regional(region).kms
    }

    pub(crate) fn sns(&self, region: &str) -> aws_sdk_sns::Client {
        self.regional(region).sns
    }

    /// IAM is one service for the whole partition.
    pub(crate) fn iam(&self) -> &aws_sdk_iam::Client {
        &self.iam
    }

    fn regional(&self, region: &str) -> Regional {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        regions.entry(region.to_owned()).or_insert_with(|| Regional::new(&self.config, region)).clone()
    }
}

/// The clients of one Region. A clone shares its connections.
#[derive(Clone, Debug)]
struct Regional {
    backup: aws_sdk_backup::Client,
    kms: aws_sdk_kms::Client,
    sns: aws_sdk_sns::Client,
}

impl Regional {
    fn new(config: &SdkConfig, region: &str) -> Self {
        // An empty name is left to the SDK, whose own error says that no Region is set.
        let region = (!region.is_empty()).then(|| Region::new(region.to_owned()));
        let config = config.to_builder().region(region).build();
        Self {
            backup: aws_sdk_backup::Client::new(&config),
            kms: aws_sdk_kms::Client::new(&config),
            sns: aws_sdk_sns::Client::new(&config),
        }
    }
}

/// Below AWS Backup's own request rates, because the three functions and the operator share them (20 a second for lists, 15 for
/// DescribeRecoveryPoint, GetBackupPlan, GetBackupSelection and GetBackupVaultAccessPolicy, 10 for DescribeProtectedResource, 5 for
/// StartBackupJob, and 50 for all together; DescribeRegionSettings and StartCopyJob are not listed).
///
/// <https://docs.aws.amazon.com/general/latest/gr/bk.html>
#[derive(Debug)]
pub(crate) struct Gates {
    pub(crate) backup_lists: Gate,
    pub(crate) backup_reads: Gate,
    pub(crate) backup_starts: Gate,
    pub(crate) kms: Gate,
    pub(crate) iam: Gate,
    pub(crate) sns: Gate,
}

impl Default for Gates {
    fn default() -> Self {
        Self {
            backup_lists: Gate::new(15),
            backup_reads: Gate::new(10),
            // A gate lets up to twice its rate through in its first second.
            backup_starts: Gate::new(2),
            kms: Gate::new(50),
            iam: Gate::new(10),
            sns: Gate::new(20),
        }
    }
}
