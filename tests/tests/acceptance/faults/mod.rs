//! What was told wrongly once: small accounts and moments that come out of real lives of backups, each with what is right. Most are files in
//! `tests/faults`, which hold an account as records and the steps that are carried out in it; the stories at the end break and mend a world.
//!
//! The tests say what the reader must learn, not how it is worded.

mod copies;
mod deadlines;
mod fault;
mod mornings;
mod names;
mod pages;
mod proofs;
mod restores;
mod stage;

/// A file that no test plays would be forgotten.
#[test]
fn each_file_is_played() {
    let sources = [
        include_str!("copies.rs"),
        include_str!("mornings.rs"),
        include_str!("pages.rs"),
        include_str!("proofs.rs"),
        include_str!("restores.rs"),
    ]
    .concat();
    for file in std::fs::read_dir(fault::folder()).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(sources.contains(&format!("\"{name}\"")), "no test plays {}", path.display());
    }
}
