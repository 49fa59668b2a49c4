//! What the account has opted in to.

use std::collections::BTreeMap;

use crate::clients::Aws;
use crate::error::Error;

impl Aws {
    /// Resource type to whether AWS Backup may back it up in this Region, as AWS writes the types. A type that is not in it is unknown.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeRegionSettings.html>
    pub async fn opt_ins(&self, region: &str) -> Result<BTreeMap<String, bool>, Error> {
        const OPERATION: &str = "backup:DescribeRegionSettings";
        let answer = {
            let _turn = self.gates.backup_reads.turn().await;
            self.backup(region).describe_region_settings().send().await
        };
        let answer = answer.map_err(|error| Error::of(OPERATION, error))?;
        let preferences = answer.resource_type_opt_in_preference;
        preferences.map(|types| types.into_iter().collect()).ok_or_else(|| Error::without(OPERATION, "opt-ins"))
    }
}
