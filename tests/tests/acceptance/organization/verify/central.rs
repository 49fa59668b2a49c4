//! The lists of all accounts: believed where AWS Backup's own counts bear them out, and read account by account where they do not.

use tests::world::{HubIs, Monitoring, Organization, Star};
use tests::{At, Fault, Repeat, Simulator};

use super::support::{
    HUB, LOOK, REGION, admit, all_broken, broken, calls_in, hub, id, problems, scope_of, status_of, watching, well,
};
use crate::verify::support::{at, text};

#[test]
fn three_bad_accounts_of_three_hundred_cost_a_few_calls() {
    let mut organization = hub();
    for number in 1..=300 {
        let world = if number % 100 == 0 { broken(number, REGION) } else { well(number, REGION) };
        admit(&mut organization, number, world);
    }
    let simulator = Simulator::start_organization(organization);
    let mut night = watching(&simulator, &[]);
    let played = night.tick();
    assert_eq!(played.causes().len(), 3);
    assert_eq!(played.lines("scope").len(), 301);
    assert_eq!(problems(&played), Vec::<String>::new());
    assert_eq!(
        simulator.count("organizations"),
        16 + 3,
        "the accounts, and the tags of those in which something failed"
    );
    // CloudTrail and restore tests are asked account by account, a quarter of them in each tick.
    let asked = (1..=300).filter(|number| calls_in(&simulator, &id(*number), "LookupEvents") > 0).count();
    assert_eq!((asked, simulator.count_of("sts", "AssumeRole")), (75, 75 + 3), "accounts asked, and sessions");
    assert_eq!(
        calls_in(&simulator, HUB, "ListBackupJobs"),
        7 + 7 + 1,
        "our own, those of all, and whether they are of all"
    );
    assert_eq!(calls_in(&simulator, &id(1), "ListBackupJobs"), 0);
    let calls = simulator.calls();
    let others = calls.iter().filter(|call| call.service != "cloudtrail" && call.service != "sts").count();
    assert_eq!(calls.iter().filter(|call| call.operation == "ListRestoreJobs" && call.account != HUB).count(), 75);
    assert_eq!(others, 85 + 75, "calls");
    // Names, owners and sessions last for longer than a tick.
    simulator.forget_calls();
    night.tick();
    assert_eq!((simulator.count("organizations"), simulator.count("sts")), (0, 0));
}

type Spoil = (&'static str, fn(&mut Organization));

/// What makes the lists of all accounts useless, each in another way.
fn table() -> Vec<Spoil> {
    vec![
        ("the list shows our own jobs alone", |organization| {
            organization.star_of_backups = Star::OwnAccount;
            organization.star_of_others = Star::OwnAccount;
        }),
        ("the list is refused", |organization| {
            organization.star_of_backups = Star::Refused;
            organization.star_of_others = Star::Refused;
        }),
        ("others can be seen only since after they failed", |organization| {
            organization.monitoring = Monitoring::Since(at("2026-03-10T03:10:00Z"));
        }),
        ("nobody can be seen here", |organization| {
            organization.manage_from(&id(1), HubIs::DelegatedAdministrator);
            organization.blind.insert(REGION.to_owned());
        }),
        ("nobody may be seen at all", |organization| organization.monitoring = Monitoring::Off),
    ]
}

#[test]
fn where_the_lists_do_not_tell_each_account_is_asked() {
    for (name, spoil) in table() {
        let mut organization = all_broken(2);
        admit(&mut organization, 3, well(3, REGION));
        spoil(&mut organization);
        let simulator = Simulator::start_organization(organization);
        let played = watching(&simulator, &[]).tick();
        assert_eq!(played.causes().len(), 2, "{name}: {:?}", problems(&played));
        for number in [1, 2] {
            assert_eq!(status_of(&played, number), "waiting", "{name}");
            assert_eq!(scope_of(&played, number, REGION)["layer"], "look", "{name}");
        }
        // One call for each kind of job: it has no more of them than stand on a page.
        let asked = |operation| calls_in(&simulator, &id(3), operation);
        assert_eq!(["ListBackupJobs", "ListCopyJobs", "ListRestoreJobs"].map(asked), [1; 3], "{name}");
        assert_eq!(problems(&played), Vec::<String>::new(), "{name}");
    }
}

/// Nobody let us in, and no list tells: the account is not assessed.
#[test]
fn an_account_of_which_nothing_is_seen_is_not_assessed() {
    // Where the lists show our own account or are refused, it may still be answered for this one account.
    let not_rerunnable = [("not-rerunnable".to_owned(), id(1))];
    let layers =
        [("central", &not_rerunnable[..]), ("central", &not_rerunnable), ("none", &[]), ("none", &[]), ("none", &[])];
    for ((name, spoil), (layer, causes)) in table().into_iter().zip(layers) {
        let mut organization = all_broken(1);
        organization.member(&id(1)).home().roles.retain(|role| role.name != LOOK);
        spoil(&mut organization);
        let simulator = Simulator::start_organization(organization);
        let played = watching(&simulator, &[]).tick();
        let scope = scope_of(&played, 1, REGION);
        assert_eq!(scope["complete"], false, "{name}: {scope}");
        assert_eq!(scope["layer"], layer, "{name}: {scope}");
        let told: Vec<_> =
            played.causes().iter().map(|cause| (text(cause, "status"), text(cause, "account"))).collect();
        assert_eq!(told, causes, "{name}");
        let problems = problems(&played);
        let [problem] = problems.as_slice() else { panic!("{name}: {problems:?}") };
        assert!(problem.contains("does not let Night One assume its role night-one-look: "), "{name}: {problem}");
    }
}

#[test]
fn counts_that_cannot_be_read_leave_no_account_unasked() {
    let mut organization = all_broken(1);
    admit(&mut organization, 2, well(2, REGION));
    let simulator = Simulator::start_organization(organization);
    for operation in ["ListBackupJobSummaries", "ListCopyJobSummaries", "ListRestoreJobSummaries"] {
        simulator.fail_at(At::Account(HUB), "backup", operation, Fault::Denied, Repeat::Always);
    }
    let played = watching(&simulator, &[]).tick();
    assert_eq!(status_of(&played, 1), "waiting");
    assert_eq!(scope_of(&played, 2, REGION)["layer"], "look");
    assert_eq!(calls_in(&simulator, &id(2), "ListBackupJobs"), 1);
}
