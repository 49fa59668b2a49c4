//! S3, path-style: objects in buckets that keep every version.

use std::fmt::Write;

use quick_xml::escape::escape;

use super::wire::{Answer, Request, Service};
use crate::world::{Bucket, ObjectVersion, Organization, uuid_of};

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
/// Keys on a page at most.
const MOST: usize = 1000;

pub(crate) fn operation(request: &Request) -> Option<&'static str> {
    match (request.method.as_str(), request.segments.len()) {
        ("GET", 1) if request.parameter("list-type") == Some("2") => Some("ListObjectsV2"),
        ("PUT", 2..) => Some("PutObject"),
        ("GET", 2..) => Some("GetObject"),
        ("HEAD", 2..) => Some("HeadObject"),
        _ => None,
    }
}

pub(crate) fn answer(organization: &mut Organization, operation: &str, request: &Request) -> Answer {
    let (account, now) = (request.caller.account.clone(), organization.clock());
    let world = organization.world_mut(&account, &request.region);
    let page_size = world.page_size;
    let name = request.segments.first().map(String::as_str).unwrap_or_default();
    let Some(bucket) = world.buckets.iter_mut().find(|bucket| bucket.name == name) else {
        return Service::S3.error(404, "NoSuchBucket", "The specified bucket does not exist");
    };
    let key = request.segments.get(1..).unwrap_or_default().join("/");
    match operation {
        "PutObject" => put_object(bucket, &key, request, now),
        "GetObject" | "HeadObject" => get_object(bucket, &key, request, operation),
        _ => list_objects(bucket, request, page_size),
    }
}

fn put_object(bucket: &mut Bucket, key: &str, request: &Request, now: jiff::Timestamp) -> Answer {
    let current = bucket.newest(key).map(|version| version.etag.clone());
    let must_be_new = request.header("if-none-match") == Some("*");
    let must_be = request.header("if-match").map(|etag| etag.trim_matches('"').to_owned());
    if must_be.is_some() && current.is_none() {
        return Service::S3.error(404, "NoSuchKey", "The specified key does not exist.");
    }
    if (must_be_new && current.is_some()) || (must_be.is_some() && must_be != current) {
        let words = "At least one of the pre-conditions you specified did not hold";
        return Service::S3.error(412, "PreconditionFailed", words);
    }
    let Some(body) = body(request) else {
        return Service::S3.error(400, "IncompleteBody", "The body is not what its encoding says.");
    };
    let number = bucket.objects.values().map(|versions| versions.len() as u64).sum::<u64>();
    let version = ObjectVersion {
        id: uuid_of(3_000_000 + number).replace('-', ""),
        etag: etag(&body),
        body,
        content_type: request.header("content-type").unwrap_or("binary/octet-stream").to_owned(),
        stored: now,
    };
    let headers = about(&version);
    bucket.objects.entry(key.to_owned()).or_default().push(version);
    Answer { headers, ..Answer::of(Service::S3, String::new()) }
}

fn get_object(bucket: &Bucket, key: &str, request: &Request, operation: &str) -> Answer {
    let versions = bucket.objects.get(key).map(Vec::as_slice).unwrap_or_default();
    let found = match request.parameter("versionId") {
        Some(id) => versions.iter().find(|version| version.id == id),
        None => versions.last(),
    };
    let Some(version) = found else {
        return Service::S3.error(404, "NoSuchKey", "The specified key does not exist.");
    };
    let mut headers = about(version);
    // Its type is what was put, and not one of ours.
    headers.push(("content-type", version.content_type.clone()));
    headers.push(("last-modified", version.stored.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()));
    let bytes = if operation == "HeadObject" { Vec::new() } else { version.body.clone() };
    Answer { content_type: "", headers, bytes: Some(bytes), ..Answer::of(Service::S3, String::new()) }
}

fn list_objects(bucket: &Bucket, request: &Request, page_size: usize) -> Answer {
    let prefix = request.parameter("prefix").unwrap_or_default();
    let after = request.parameter("continuation-token").or(request.parameter("start-after")).unwrap_or_default();
    let most =
        request.parameter("max-keys").and_then(|most| most.parse().ok()).unwrap_or(MOST).min(MOST).min(page_size);
    let mut fitting = bucket
        .objects
        .iter()
        .filter(|(key, _)| key.starts_with(prefix) && key.as_str() > after)
        .filter_map(|(key, versions)| Some((key, versions.last()?)));
    let page: Vec<_> = fitting.by_ref().take(most).collect();
    let more = fitting.next().is_some();
    let mut inner = format!(
        "<Name>{}</Name><Prefix>{}</Prefix><KeyCount>{}</KeyCount><MaxKeys>{most}</MaxKeys><IsTruncated>{more}</IsTruncated>",
        escape(bucket.name.as_str()),
        escape(prefix),
        page.len()
    );
    if let Some((last, _)) = page.last().filter(|_| more) {
        let _ = write!(inner, "<NextContinuationToken>{}</NextContinuationToken>", escape(last.as_str()));
    }
    for (key, version) in &page {
        let _ = write!(
            inner,
            "<Contents><Key>{}</Key><LastModified>{}</LastModified><ETag>&quot;{}&quot;</ETag><Size>{}</Size>\
             <StorageClass>STANDARD</StorageClass></Contents>",
            escape(key.as_str()),
            version.stored.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            version.etag,
            version.body.len()
        );
    }
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult xmlns=\"{NAMESPACE}\">{inner}</ListBucketResult>"
    );
    Answer::of(Service::S3, body)
}

fn about(version: &ObjectVersion) -> Vec<(&'static str, String)> {
    vec![("etag", format!("\"{}\"", version.etag)), ("x-amz-version-id", version.id.clone())]
}

/// What was put: as it came, or unpacked from the chunks in which an SDK sends a stream.
fn body(request: &Request) -> Option<Vec<u8>> {
    if !request.header("x-amz-content-sha256").is_some_and(|hash| hash.starts_with("STREAMING-")) {
        return Some(request.bytes.to_vec());
    }
    let (mut rest, mut body) = (request.bytes.as_ref(), Vec::new());
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let head = std::str::from_utf8(rest.get(..end)?).ok()?;
        let length = usize::from_str_radix(head.split(';').next()?, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        let begin = end + 2;
        body.extend_from_slice(rest.get(begin..begin + length)?);
        rest = rest.get(begin + length + 2..)?;
    }
}

/// Looks like the MD5 that S3 makes of a body, and is as different as the bodies are.
fn etag(body: &[u8]) -> String {
    let mix = |seed: u64| body.iter().fold(seed, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{:016x}{:016x}", mix(0xcbf2_9ce4_8422_2325), mix(0x9ae1_6a3b_2f90_404f))
}
