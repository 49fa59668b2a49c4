//! Tags of resources of Azure in what verify tells.

use jiff::SignedDuration;
use tests::{Published, Simulator};

use super::{agents_down, night};

/// Azure does not tell upper case from lower in the names of tags. Two machines failed alike, 24 hours after their last good backup: the one whose
/// tag allows 27 hours is told then, and the one that its policy speaks for is not.
#[test]
fn a_tag_in_the_spelling_of_azure_gives_the_objective_that_a_breach_is_told_by() {
    let mut world = agents_down(&["vm-01", "vm-02"]);
    let id = world.azure.machine("vm-01").id.clone();
    world.azure.tags.insert(id, [("Night-One:RPO-Hours".to_owned(), "27".to_owned())].into());
    let simulator = Simulator::start(world);
    let played = night(&simulator).ticks_for(SignedDuration::from_hours(2));
    let mails = played.iter().flat_map(|played| &played.mails);
    let breaches: Vec<&Published> = mails.filter(|mail| mail.attributes["kind"].1 == "breach").collect();
    assert_eq!(breaches.len(), 1, "{breaches:#?}");
    let told = breaches[0].message.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("vm-01") && told.contains("past its RPO since 2026-03-13 01:0"), "{told}");
    let (_, past) = told.split_once("PAST THEIR RPO (1)").expect("one of the two");
    assert!(!past.contains("virtualmachines/vm-02"), "{told}");
}
