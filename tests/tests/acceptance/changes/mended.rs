//! verify names the change that mended it.

use jiff::SignedDuration;
use tests::world::naming;
use tests::{Fault, Repeat, Simulator};

use crate::verify::support::{ACCOUNT, Night, Played, ROLE, at, broken};

const MORNING: &str = "2026-03-10T08:00:00Z";

/// The mail that says that it works again, after sam has mended the key.
fn verified(fail: impl FnOnce(&Simulator)) -> Played {
    let mut world = broken(&[2], &[]);
    world.clock = at(MORNING);
    let simulator = Simulator::start(world);
    let mut night = Night::new(&simulator);
    night.tick();
    simulator.with_world(|world| {
        world.by("alex").put_key_policy("key-0", "{}");
        world.trail.last_mut().unwrap().error = Some("MalformedPolicyDocumentException".to_owned());
        world.by("sam").put_key_policy("key-0", &naming(ACCOUNT, ROLE));
    });
    fail(&simulator);
    let mut played = night.ticks_for(SignedDuration::from_hours(1));
    let verified = played.iter().position(|played| !played.mails.is_empty()).expect("a mail");
    played.swap_remove(verified)
}

fn prose(played: &Played) -> String {
    played.mails[0].message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_change_that_mended_it_is_named() {
    let played = verified(|_| {});
    let expected = "Changed since the last failure: PutKeyPolicy by arn:aws:sts::111122223333:assumed-role/Operations/sam, 2026-03-10 08:00 UTC, from 198.51.100.0/24.";
    assert!(prose(&played).contains(expected), "{}", played.mails[0].message);
    let page = played.lines("page")[0];
    assert_eq!(page["changes"][0]["event"], "PutKeyPolicy", "{page}");
    insta::assert_snapshot!("the-change-that-mended-it", played.mails[0].message);
}

#[test]
fn the_mail_goes_out_while_cloudtrail_is_throttled_or_denied() {
    for fault in [Fault::Throttle, Fault::Denied] {
        let played = verified(|simulator| simulator.fail("cloudtrail", "LookupEvents", fault, Repeat::Always));
        assert!(
            prose(&played).contains("Who changed it: CloudTrail could not be read ("),
            "{}",
            played.mails[0].message
        );
        assert!(played.mails[0].subject.as_deref().unwrap_or_default().contains("VERIFIED"));
    }
}
