//! An account that does not answer holds up no other, and what was missed of it is made up for.

use std::time::Duration;

use tests::{At, Fault, Repeat, Simulator};

use super::support::{
    QUARTER, REGION, advance, all_broken, cause_of, id, mend_account, problems, reruns_in, scope_of, status_of,
    watching,
};
use crate::verify::support::{kinds, text};

#[test]
fn one_silent_account_holds_up_no_other_and_is_made_up_for() {
    let simulator = Simulator::start_organization(all_broken(3));
    let mut night = watching(&simulator, &[]);
    for number in [1, 2] {
        mend_account(&simulator, number);
    }
    let first = night.tick();
    assert_eq!((status_of(&first, 1), status_of(&first, 2)), ("started".to_owned(), "started".to_owned()));
    // Both reruns end. In the tick that has to tell, one account says nothing.
    simulator.fail_at(At::Account(&id(1)), "backup", "*", Fault::Delay(3_600_000), Repeat::Always);
    night.verify.time_limit = Duration::from_secs(20);
    let mut mails = Vec::new();
    for _ in 0..3 {
        advance(&simulator, QUARTER);
        let played = night.tick();
        let told = problems(&played);
        assert!(!told.is_empty() && told.iter().all(|why| why.contains("account 200000000001")), "{told:?}");
        assert_eq!(scope_of(&played, 1, REGION)["complete"], false);
        mails.extend(played.mails);
    }
    let accounts: Vec<&str> = mails.iter().map(|mail| mail.attributes["account"].1.as_str()).collect();
    assert_eq!(accounts, [id(2)]);

    simulator.heal();
    advance(&simulator, QUARTER);
    let healed = night.tick();
    assert_eq!(kinds(std::slice::from_ref(&healed)), ["verified"]);
    assert_eq!(healed.mails[0].attributes["account"].1, id(1));
    assert_eq!(problems(&healed), Vec::<String>::new());
    assert_eq!(reruns_in(&simulator, 1).len(), 1);
}

#[test]
fn sts_that_is_busy_says_so_and_the_next_tick_tries_again() {
    let simulator = Simulator::start_organization(all_broken(2));
    let mut night = watching(&simulator, &[]);
    simulator.fail_asking("sts", "AssumeRole", &id(1), Fault::Throttle, Repeat::Always);
    let busy = night.tick();
    assert_eq!(status_of(&busy, 1), "waiting");
    assert!(text(cause_of(&busy, 1), "reason").contains("The next tick tries again"), "{}", cause_of(&busy, 1));
    assert_eq!(scope_of(&busy, 1, REGION)["layer"], "central");
    assert_eq!(scope_of(&busy, 2, REGION)["layer"], "look");
    simulator.heal();
    advance(&simulator, QUARTER);
    assert_eq!(scope_of(&night.tick(), 1, REGION)["layer"], "look");
}
