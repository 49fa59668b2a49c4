//! What the table of root causes itself holds, from the data files to the runbook.

#![expect(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

mod codes;
mod entries;
mod idle;
#[path = "../../src/azure/letters.rs"]
#[allow(dead_code, reason = "the classifier uses all of it")]
mod letters;
#[path = "../../build/phrases.rs"]
mod phrases;
#[path = "../../build/read.rs"]
mod read;
mod reader;
#[path = "../../examples/runbook/render.rs"]
mod render;
mod runbook;
#[path = "../../src/words/stem.rs"]
mod stem;
#[path = "../../build/write.rs"]
mod write;

use classification::table::{Entry, table};
use job::Cloud;
use std::path::Path;

/// The entries of both clouds.
fn entries() -> impl Iterator<Item = &'static Entry> {
    Cloud::ALL.into_iter().flat_map(|cloud| table().entries_in(cloud))
}

/// The data files as they are.
fn files() -> read::Files {
    read::folder(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}
