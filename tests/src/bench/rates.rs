//! The least time that calls can take at the rates that AWS allows.
//!
//! <https://docs.aws.amazon.com/general/latest/gr/bk.html>

use std::collections::BTreeMap;
use std::time::Duration;

use crate::server::Call;

/// Lists of AWS Backup in a second, and its single reads; IAM and KMS publish no number this low, and are counted at what we allow ourselves.
const RATES: [(Pace, f64); 6] = [
    (Pace::BackupLists, 20.0),
    (Pace::BackupReads, 15.0),
    (Pace::ProtectedResources, 10.0),
    (Pace::Iam, 10.0),
    (Pace::Kms, 50.0),
    (Pace::Tags, 15.0),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Pace {
    BackupLists,
    BackupReads,
    /// DescribeProtectedResource.
    ProtectedResources,
    Iam,
    Kms,
    /// Of the Resource Groups Tagging API.
    Tags,
}

/// The rates run side by side: the slowest of them decides, and the last call has to be answered.
pub(super) fn floor(calls: &[Call], away_ms: u64) -> Duration {
    let mut counts: BTreeMap<Pace, f64> = BTreeMap::new();
    for call in calls {
        let pace = match (call.service.as_str(), call.operation.starts_with("List")) {
            ("backup", false) if call.operation == "DescribeProtectedResource" => Pace::ProtectedResources,
            ("backup", true) => Pace::BackupLists,
            ("backup", false) => Pace::BackupReads,
            ("iam", _) => Pace::Iam,
            ("kms", _) => Pace::Kms,
            ("tag", _) => Pace::Tags,
            _ => continue,
        };
        *counts.entry(pace).or_default() += 1.0;
    }
    let seconds = RATES.iter().map(|(pace, rate)| counts.get(pace).copied().unwrap_or_default() / rate);
    Duration::from_secs_f64(seconds.fold(0.0, f64::max)) + Duration::from_millis(away_ms)
}
