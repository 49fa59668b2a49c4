//! What the classifier answers: to the labelled messages of both clouds, to errors that no list has, to what once came out wrong, to names.

#![expect(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

#[path = "../../examples/classify/azure.rs"]
mod azure;
mod azure_rungs;
mod azure_unlisted;
mod corpus;
mod corpus_of_aws;
mod corpus_of_azure;
#[path = "../../build/read.rs"]
#[expect(dead_code, reason = "the build script uses all of it")]
mod data_files;
mod example;
mod names;
mod once_wrong;
#[path = "../../examples/classify/read.rs"]
mod read;
#[path = "../../examples/classify/tell.rs"]
mod tell;
#[path = "../../examples/classify/why.rs"]
mod why;
