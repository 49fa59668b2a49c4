//! What a night leaves in EVIDENCE_BUCKET: its page and files, and what its steps leave for each other: the plan, the parts, and who merged
//! them when.

use std::collections::{BTreeMap, BTreeSet};

use aws::{Bucket, Error};
use futures::StreamExt;
use jiff::Timestamp;
use jiff::civil::Date;
use lambda::nights;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::part::Part;
use crate::plan::Plan;
use crate::widget;

/// Parts that are read side by side.
const AT_ONCE: usize = 16;
const JSON: &str = "application/json";

/// The folder of a night.
#[derive(Debug)]
pub struct Store {
    bucket: Bucket,
    night: Date,
}

/// A file of the night.
#[derive(Debug)]
pub struct Written {
    /// Below the folder of the night.
    pub name: String,
    pub body: Vec<u8>,
    /// Its media type.
    pub kind: &'static str,
}

/// Reports of a night that went out, the first one first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merges(pub Vec<Merge>);

/// A report that went out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    pub at: Timestamp,
    /// The accounts whose parts it lacked.
    pub missing: BTreeSet<String>,
}

impl Store {
    pub fn new(bucket: Bucket, night: Date) -> Self {
        Self { bucket, night }
    }

    fn key(&self, name: &str) -> String {
        nights::key(self.night, name)
    }

    /// Leaves a file. Of one that is there already a versioned bucket keeps both.
    ///
    /// # Errors
    /// For a bucket that does not take it.
    pub async fn put_file(&self, file: Written, until: Instant) -> Result<(), String> {
        self.put(&file.name, file.body, file.kind, until).await
    }

    /// What a widget shows of this night; `None` where it has left nothing.
    ///
    /// # Errors
    /// In words, for a bucket that does not answer and for a document that is none of ours.
    pub async fn last_night(&self, until: Instant) -> Result<Option<widget::Night>, String> {
        nights::read_night(&self.bucket, self.night, until).await
    }

    /// Where a person sees a file of the night: S3's console, with what that person may.
    pub fn console(&self, region: &str, name: &str) -> String {
        let domain = match job::partition_of(region) {
            "aws-cn" => "console.amazonaws.cn",
            "aws-us-gov" => "console.amazonaws-us-gov.com",
            _ => "console.aws.amazon.com",
        };
        format!("https://{region}.{domain}/s3/object/{}?region={region}&prefix={}", self.bucket.name(), self.key(name))
    }

    /// # Errors
    /// For a bucket that does not take it.
    pub async fn put_plan(&self, plan: &Plan, until: Instant) -> Result<(), String> {
        self.put("plan.json", serde_json::to_vec(plan).map_err(|error| error.to_string())?, JSON, until).await
    }

    /// `None`: there is none that can be read.
    ///
    /// # Errors
    /// For a bucket that does not answer.
    pub async fn plan(&self, until: Instant) -> Result<Option<Plan>, Error> {
        self.get("plan.json", until).await
    }

    /// Leaves a part in the place of an older one of the same account, and answers its key.
    ///
    /// # Errors
    /// For a bucket that does not take it.
    pub async fn put_part(&self, part: &Part, until: Instant) -> Result<String, String> {
        let name = format!("parts/{}.json", part.account);
        self.put(&name, part.document()?, JSON, until).await?;
        Ok(self.key(&name))
    }

    /// The parts that there are by their accounts, or why one cannot be read.
    ///
    /// # Errors
    /// For a bucket that cannot be listed.
    pub async fn parts(&self, until: Instant) -> Result<BTreeMap<String, Result<Part, String>>, Error> {
        let folder = self.key("parts/");
        let keys = self.bucket.object_keys(&folder, until).await?;
        let account = |key: &str| Some(key.strip_prefix(&folder)?.strip_suffix(".json")?.to_owned());
        let reads = keys.iter().filter_map(|key| Some((key, account(key)?))).map(|(key, account)| async move {
            let part = match self.bucket.read_object(key, until).await {
                Ok(Some(document)) => Part::parse(&document, self.night, &account),
                Ok(None) => Err("it is gone".to_owned()),
                Err(why) => Err(why.to_string()),
            };
            (account, part)
        });
        Ok(futures::stream::iter(reads).buffer_unordered(AT_ONCE).collect().await)
    }

    /// The reports of this night that went out.
    ///
    /// # Errors
    /// For a bucket that does not answer.
    pub async fn merges(&self, until: Instant) -> Result<Merges, Error> {
        Ok(self.get("merged.json", until).await?.unwrap_or_default())
    }

    /// # Errors
    /// For a bucket that does not take it.
    pub async fn put_merges(&self, merges: &Merges, until: Instant) -> Result<(), String> {
        self.put("merged.json", serde_json::to_vec(merges).map_err(|error| error.to_string())?, JSON, until).await
    }

    async fn put(&self, name: &str, body: Vec<u8>, kind: &str, until: Instant) -> Result<(), String> {
        let put = self.bucket.write_object(&self.key(name), body, kind, until).await;
        put.map_err(|why| {
            format!("{} could not be written into the bucket {}: {why}", self.key(name), self.bucket.name())
        })
    }

    async fn get<T: DeserializeOwned>(&self, name: &str, until: Instant) -> Result<Option<T>, Error> {
        let found = self.bucket.read_object(&self.key(name), until).await?;
        Ok(found.and_then(|document| serde_json::from_slice(&document).ok()))
    }
}
