//! What report leaves of each night in EVIDENCE_BUCKET, for those who read it again.

use aws::Bucket;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

/// The version of `night.json`. A member that is added leaves it as it is; one that goes, or means something else, raises it.
pub const SCHEMA: &str = "night-one/night/1";

/// The night that a report of this instant tells of: its UTC date.
pub fn night_of(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// The key of a file of a night.
pub fn key(night: Date, name: &str) -> String {
    format!("nights/{night}/{name}")
}

/// The members that somebody needs of `night.json`; `None` where this night has left none.
///
/// # Errors
/// In words, for a bucket that does not answer and for a document that is none of ours.
pub async fn read_night<T: DeserializeOwned>(
    bucket: &Bucket,
    night: Date,
    until: Instant,
) -> Result<Option<T>, String> {
    let key = key(night, "night.json");
    let read = bucket.read_object(&key, until).await.map_err(|why| format!("{key} cannot be read: {why}"))?;
    let Some(document) = read else { return Ok(None) };
    let damaged = |error: serde_json::Error| format!("{key} is damaged ({error})");
    match serde_json::from_slice::<Version>(&document).map_err(damaged)?.schema {
        ours if ours == SCHEMA => serde_json::from_slice(&document).map(Some).map_err(damaged),
        other => Err(format!("{key} is of another version: {}", notice::text::outside(&other, 40))),
    }
}

#[derive(Deserialize)]
struct Version {
    schema: String,
}
