//! What the account has opted in to.

use std::collections::BTreeMap;
use tokio::time::Instant;

use crate::account::Account;
use crate::error::Error;

impl Account {
    /// Resource type to whether AWS Backup may back it up in this Region, as AWS writes the types. A type that is not in it is unknown.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeRegionSettings.html>
    pub async fn opt_ins(&self, until: Instant) -> Result<BTreeMap<String, bool>, Error> {
        const OPERATION: &str = "backup:DescribeRegionSettings";
        let send = self.backup().describe_region_settings().send();
        let answer = self.gates().backup_reads.call(until, OPERATION, send).await?;
        let preferences = answer.resource_type_opt_in_preference;
        preferences.map(|types| types.into_iter().collect()).ok_or_else(|| Error::without(OPERATION, "opt-ins"))
    }
}
