//! S3: the bucket in which evidence is kept.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumAlgorithm;
use tokio::time::Instant;

use crate::call::in_time;
use crate::environment::is_plain;
use crate::error::{Error, ErrorKind, found};
use crate::gate::Gate;
use crate::home::Home;
use crate::paging::{Far, List, Next, Page, each_item};

/// One bucket, in our own Region.
#[derive(Debug)]
pub struct Bucket {
    name: String,
    client: aws_sdk_s3::Client,
    gate: Gate,
}

/// 1,000 keys stand on a page.
const PAGES: Far = Far::Pages(1_000);

impl Home {
    /// A bucket by its name. Calls nothing yet.
    pub fn bucket(&self, name: impl Into<String>) -> Bucket {
        let config = aws_sdk_s3::config::Builder::from(self.config());
        // Of an endpoint without a certificate no names below it are known.
        let config = config.force_path_style(is_plain(self.config(), "S3")).build();
        Bucket { name: name.into(), client: aws_sdk_s3::Client::from_conf(config), gate: Gate::new(100) }
    }
}

impl Bucket {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Writes an object, in the place of one of that key. S3 checks what arrives by its checksum.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>
    pub async fn write_object(&self, key: &str, body: Vec<u8>, kind: &str, until: Instant) -> Result<(), Error> {
        self.put(key, body, kind, None, until).await
    }

    /// Writes an object where there is none of that key; else S3 refuses it. One that is there and is the very same was written by a call
    /// whose answer was lost.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
    pub async fn write_new_object(&self, key: &str, body: Vec<u8>, kind: &str, until: Instant) -> Result<(), Error> {
        match self.put(key, body.clone(), kind, Some("*"), until).await {
            Err(why) if why.is_of_code("PreconditionFailed") => match self.read_object(key, until).await? {
                Some(there) if there == body => Ok(()),
                Some(_) | None => Err(why),
            },
            done => done,
        }
    }

    /// `not_there`: what no object of that key may match.
    async fn put(
        &self,
        key: &str,
        body: Vec<u8>,
        kind: &str,
        not_there: Option<&str>,
        until: Instant,
    ) -> Result<(), Error> {
        let send = self
            .client
            .put_object()
            .bucket(&self.name)
            .key(key)
            .content_type(kind)
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .set_if_none_match(not_there.map(str::to_owned))
            .body(ByteStream::from(body))
            .send();
        self.gate.call(until, "s3:PutObject", send).await.map(|_| ())
    }

    /// An object as it is. `None`: there is none of that key, as far as S3 tells: one who may not list the bucket is denied instead.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
    pub async fn read_object(&self, key: &str, until: Instant) -> Result<Option<Vec<u8>>, Error> {
        const OPERATION: &str = "s3:GetObject";
        let send = self.client.get_object().bucket(&self.name).key(key).send();
        let Some(answer) = found(self.gate.call(until, OPERATION, send).await)? else { return Ok(None) };
        let read = async {
            let broken = |error| Error::new(ErrorKind::Unavailable, OPERATION, format!("its body: {error}"));
            answer.body.collect().await.map_err(broken)
        };
        Ok(Some(in_time(until, OPERATION, read).await?.to_vec()))
    }

    /// The keys that begin so, in their order.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
    pub async fn object_keys(&self, prefix: &str, until: Instant) -> Result<Vec<String>, Error> {
        let list = self.client.list_objects_v2().bucket(&self.name).prefix(prefix);
        let mut keys = Vec::new();
        each_item(
            List { gate: &self.gate, operation: "s3:ListObjectsV2", far: PAGES, until },
            |token| list.clone().set_continuation_token(token).send(),
            |page| Page {
                next: Next::of_truncated(page.is_truncated.unwrap_or(false), page.next_continuation_token),
                // Of an empty bucket the answer has no list.
                items: Some(page.contents.unwrap_or_default()),
            },
            |object| object.key.as_deref(),
            |object| keys.extend(object.key),
        )
        .await?;
        Ok(keys)
    }
}
