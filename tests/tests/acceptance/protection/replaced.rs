//! Tools that deploy infrastructure change a selection by making another one: what is covered as before is no loss.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Fault, Repeat, Simulator, World};

use super::events::afternoon;
use crate::verify::support::{Night, Played};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn all_databases() -> Value {
    json!({"selectionName": "all", "iamRoleArn": "arn:aws:iam::111122223333:role/Old", "resources": ["arn:aws:rds:*:*:db:*"]})
}

/// Somebody makes a selection of the plan `nightly`. Its id is answered.
fn make(world: &mut World, covers: &Value) -> String {
    world.add_selection("nightly", "NightlyBackup", &["db-0"]);
    let id = world.selections.last().unwrap().id.clone();
    let plan = world.plan("nightly").id.clone();
    world.by("alex").call("backup", "CreateBackupSelection", json!({"backupPlanId": plan, "backupSelection": covers}));
    world.trail.last_mut().unwrap().answer = json!({"selectionId": id, "backupPlanId": plan});
    id
}

fn remove(world: &mut World, selection: &str) {
    let plan = world.plan("nightly").id.clone();
    world.selections.retain(|known| known.id != selection);
    let request = json!({"backupPlanId": plan, "selectionId": selection});
    world.by("alex").call("backup", "DeleteBackupSelection", request);
}

/// A night that has a selection for two days.
fn standing() -> (Simulator, String) {
    let mut world = afternoon();
    let id = make(&mut world, &all_databases());
    world.trail.last_mut().unwrap().time -= HOUR * 48;
    (Simulator::start(world), id)
}

/// What the tick tells whose window holds the change.
fn told(simulator: &Simulator, change: impl FnOnce(&mut World)) -> Vec<Played> {
    simulator.with_world(|world| {
        world.advance(SignedDuration::from_mins(5));
        change(world);
        world.advance(SignedDuration::from_mins(40));
    });
    vec![Night::new(simulator).tick()]
}

fn mails(played: &[Played]) -> Vec<String> {
    let mails = played.iter().flat_map(|played| &played.mails);
    mails.map(|mail| mail.message.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_selection_that_another_one_replaces_is_no_loss() {
    type Row = (&'static str, Value);
    let replaced: [Row; 3] = [
        (
            "another role, written otherwise",
            json!({"SelectionName": "new", "Resources": ["arn:aws:rds:*:*:db:*"], "ListOfTags": [], "Conditions": {"StringEquals": []}}),
        ),
        ("more resources", json!({"resources": ["arn:aws:s3:::logs", "arn:aws:rds:*:*:db:*"]})),
        ("everything", json!({"resources": ["*"]})),
    ];
    for (name, covers) in replaced {
        for made_first in [true, false] {
            let (simulator, old) = standing();
            let played = told(&simulator, |world| {
                if made_first {
                    make(world, &covers);
                }
                world.advance(SignedDuration::from_secs(3));
                remove(world, &old);
                world.advance(SignedDuration::from_secs(3));
                if !made_first {
                    make(world, &covers);
                }
            });
            assert_eq!(mails(&played), [""; 0], "{name}, made first: {made_first}");
            let ignored: Vec<&Value> = played.iter().flat_map(|played| played.lines("ignored")).collect();
            assert_eq!(ignored.len(), 1, "{name}");
            assert!(ignored[0]["reason"].as_str().unwrap().contains("made in its place"), "{:?}", ignored[0]);
        }
    }
}

#[test]
fn one_that_covers_less_is_told_with_what_stands_in_its_place() {
    let less: [(&str, Value); 5] = [
        ("one of them", json!({"resources": ["arn:aws:rds:eu-west-1:111122223333:db:db-0"]})),
        ("all but some", json!({"resources": ["arn:aws:rds:*:*:db:*"], "notResources": ["arn:aws:rds:*:*:db:db-1"]})),
        (
            "with a condition",
            json!({"resources": ["arn:aws:rds:*:*:db:*"], "conditions": {"stringEquals": [{"conditionKey": "aws:ResourceTag/backup", "conditionValue": "yes"}]}}),
        ),
        (
            "by tags",
            json!({"listOfTags": [{"conditionType": "STRINGEQUALS", "conditionKey": "backup", "conditionValue": "yes"}]}),
        ),
        ("nothing", json!({})),
    ];
    for (name, covers) in less {
        let (simulator, old) = standing();
        let mut new = String::new();
        let played = told(&simulator, |world| {
            new = make(world, &covers);
            remove(world, &old);
        });
        let mails = mails(&played);
        assert_eq!(mails.len(), 1, "{name}");
        let said = format!(
            "Selection {new} was made for the same plan at 2026-03-09 14:05 UTC. It does not cover all of this"
        );
        assert!(mails[0].contains(&said), "{name}: {}", mails[0]);
    }
}

/// Never silent on half knowledge.
#[test]
fn where_it_is_not_known_to_stand_the_removal_is_told() {
    type Change = fn(&mut World, &str);
    let table: [(&str, Change); 4] = [
        ("nothing was made", |world, old| remove(world, old)),
        ("it is gone again", |world, old| {
            let new = make(world, &all_databases());
            remove(world, old);
            world.selections.retain(|known| known.id != new);
        }),
        ("it was made the day before", |world, old| {
            make(world, &all_databases());
            world.trail.last_mut().unwrap().time -= HOUR * 24;
            remove(world, old);
        }),
        ("what it covered is not on record", |world, _| {
            make(world, &all_databases());
            remove(world, "a-selection-of-last-year");
        }),
    ];
    for (name, change) in table {
        let (simulator, old) = standing();
        let played = told(&simulator, |world| change(world, &old));
        assert_eq!(mails(&played).len(), 1, "{name}");
    }
    let (simulator, old) = standing();
    simulator.fail("backup", "ListBackupSelections", Fault::Denied, Repeat::Always);
    let played = told(&simulator, |world| {
        make(world, &all_databases());
        remove(world, &old);
    });
    assert_eq!(mails(&played).len(), 1, "it may not be looked for");
}
