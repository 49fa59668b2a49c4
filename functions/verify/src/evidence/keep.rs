//! Leaves a document in EVIDENCE_BUCKET. Nothing is overwritten: each has a folder of its own, and a file that is there already stays.

use aws::Bucket;
use jiff::Timestamp;
use tokio::time::Instant;

use super::{Document, Kept};

/// Writes each part as a file, and last the list of their hashes: where it is, all are.
pub async fn keep(bucket: &Bucket, root_cause_id: &str, document: &Document, made: Timestamp, until: Instant) -> Kept {
    let folder =
        format!("causes/{root_cause_id}/{}/{}-{}", made.strftime("%Y%m%dT%H%M%SZ"), document.account, document.region);
    match put_all(bucket, &folder, document, until).await {
        Ok(()) => Kept::Kept { bucket: bucket.name().to_owned(), folder: folder + "/" },
        Err(why) => Kept::NotKept { why },
    }
}

async fn put_all(bucket: &Bucket, folder: &str, document: &Document, until: Instant) -> Result<(), String> {
    let parts = document.parts.iter().map(|(name, part)| (format!("{name}.json"), part.to_string()));
    let parts = parts.map(|(name, body)| (name, body, "application/json"));
    let list = ("SHA256SUMS".to_owned(), document.list(), "text/plain; charset=utf-8");
    for (name, body, kind) in parts.chain([list]) {
        let key = format!("{folder}/{name}");
        let put = bucket.write_new_object(&key, body.into_bytes(), kind, until).await;
        put.map_err(|why| format!("{key} could not be written into the bucket {}: {why}", bucket.name()))?;
    }
    Ok(())
}
