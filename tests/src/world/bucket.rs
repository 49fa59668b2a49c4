use std::collections::BTreeMap;

use jiff::Timestamp;

use super::World;

/// An S3 bucket that keeps every version of its objects.
#[derive(Clone, Debug)]
pub struct Bucket {
    pub name: String,
    /// Key to versions, oldest first.
    pub objects: BTreeMap<String, Vec<ObjectVersion>>,
}

/// One version of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectVersion {
    pub id: String,
    pub body: Vec<u8>,
    pub etag: String,
    pub content_type: String,
    pub stored: Timestamp,
}

impl World {
    pub fn add_bucket(&mut self, name: &str) -> &mut Bucket {
        self.buckets.push(Bucket { name: name.to_owned(), objects: BTreeMap::new() });
        self.buckets.last_mut().expect("just added")
    }

    /// # Panics
    /// If there is no such bucket.
    pub fn bucket(&mut self, name: &str) -> &mut Bucket {
        self.buckets.iter_mut().find(|bucket| bucket.name == name).unwrap_or_else(|| panic!("no bucket {name}"))
    }
}

impl Bucket {
    /// The newest version of an object.
    #[must_use]
    pub fn newest(&self, key: &str) -> Option<&ObjectVersion> {
        self.objects.get(key)?.last()
    }

    /// The newest version of an object as text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        self.newest(key).map(|version| String::from_utf8_lossy(&version.body).into_owned())
    }
}
