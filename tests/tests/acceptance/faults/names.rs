//! Whose mail it is, what its incident is called, and which cause belongs to which number.

use serde_json::json;
use tests::world::Condition;
use tests::{Simulator, Wording, World};

use super::deadlines::{crm, crm_of_one_night, mend, of_kind, refused};
use super::fault::played_with;
use super::stage::{Stage, Told};

/// Pages, a report, what was verified and what is stuck, each of them once.
fn mails_of_all_kinds(changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let hangs = [("2026-11-20T11:00:00Z", "2026-11-20T23:00:00Z"), ("2026-11-20T09:30:00Z", "2026-11-20T12:16:00Z")];
    let plays: [Vec<Told>; 3] = [
        played_with::<1>("relapse-called-the-first-night", changes).into(),
        played_with::<2>("proven-by-verify-and-open-in-the-report", changes).into(),
        played_with::<2>("stuck-counted-from-creation", &[&hangs, changes].concat()).into(),
    ];
    let mails = plays.iter().flatten().flat_map(|told| &told.mails);
    mails.map(|mail| (mail.kind().to_owned(), mail.subject.clone())).collect()
}

#[test]
fn each_subject_begins_with_the_stack() {
    let settings = |label: &str| format!("\"settings\": {{\"STACK_LABEL\": \"{label}\"}},\n \"steps\": [");
    for (label, wanted) in [
        ("", "[111122223333/eu-west-1] "),
        ("prod-crm/eu-west-1", "[prod-crm/eu-west-1] "),
        // What is set is what is written, however it is set.
        (" crm ", "[crm] "),
    ] {
        let mails = mails_of_all_kinds(&[("\"steps\": [", &settings(label))]);
        let kinds: std::collections::BTreeSet<&str> = mails.iter().map(|(kind, _)| kind.as_str()).collect();
        assert!(["page", "verified", "report", "stuck"].iter().all(|kind| kinds.contains(kind)), "{mails:#?}");
        for (_, subject) in &mails {
            assert!(subject.starts_with(wanted), "{subject}");
        }
    }
}

/// AWS says no more than that access was denied; the page finds the policy of the key.
#[test]
fn an_incident_keeps_the_name_that_its_page_has_given_it() {
    let name = "KMS key policy refuses the backup role";
    let mut world = crm(3);
    for resource in &mut world.resources {
        resource.wording = Some(Wording::Terse);
    }
    let simulator = Simulator::start(world);
    let mut stage = Stage::new(&simulator);
    let jobs = refused(&stage);
    let page = stage.at("2026-11-20T04:05:00Z").classify(&jobs);
    page.mail().says(&[name]);
    let id = page.lines("page")[0]["root_cause_id"].as_str().unwrap().to_owned();
    let report = stage.at("2026-11-20T04:10:00Z").report();
    report.mail().says(&[name]);

    // The policy is mended, and something else denies in the same few words: the rerun fails.
    assert_eq!(stage.verify().decided().0, "waiting");
    mend(&stage);
    let denied = stage.world(|world| world.backup_jobs.last().unwrap().message.clone().unwrap());
    let all = |world: &mut World, condition: &Condition| {
        world.resources.iter_mut().for_each(|resource| resource.condition = condition.clone());
    };
    stage.world(|world| all(world, &Condition::Trouble(denied)));
    let early = stage.verify_until("2026-11-20T05:30:00Z");
    let failing = of_kind(&early, "still-failing");
    let [failing] = failing.as_slice() else { panic!("{early:#?}") };
    failing.says(&[name]);
    assert_eq!(failing.incident(), page.mail().incident());

    stage.world(|world| all(world, &Condition::Available));
    stage.invoke("verify", &json!({"fixed": [id]})).answered();
    let later = stage.verify_until("2026-11-20T07:30:00Z");
    let verified = of_kind(&later, "verified");
    let [verified] = verified.as_slice() else { panic!("{later:#?}") };
    verified.says(&[name, "Access was denied"]);
    assert_eq!(verified.incident(), page.mail().incident());
}

/// Four databases fail since tonight of their key, and have hours left. Two fail since two nights of their state, and are past their objective,
/// of which the headline speaks.
#[test]
fn headline_and_cause_of_a_report_belong_together() {
    let mut world = crm_of_one_night(6);
    for name in ["crm-05", "crm-06"] {
        world.resource(name).condition = Condition::Invalid;
    }
    world.run_night("crm-nightly", "2026-11-19T01:00:00Z".parse().unwrap());
    let simulator = Simulator::start(world);
    let mut stage = Stage::new(&simulator);
    refused(&stage);
    let told = stage.at("2026-11-20T07:00:00Z").report();
    let mail = told.mail();
    assert_eq!(told.answered()["in_breach"], 2, "{:#}", told.answered());
    assert_eq!(told.answered()["at_risk"], 4, "{:#}", told.answered());
    let title = |class: &str| classification::class::Class::ALL.iter().find(|c| c.id() == class).unwrap().entry().title;
    let head = mail.head();
    let place = |title: &str| head.find(title);
    let (past, at_risk) = (place(title("resource-state")), place(title("kms-policy-denied")));
    assert!(past.is_some(), "the cause of the two that are past: {head}");
    assert!(at_risk.is_some() && at_risk < past, "what can still be saved comes before what is past: {head}");

    // A claim lifts rest, spacing and limits: each is for one cause, and nobody pastes the others along.
    let claims = mail.claims();
    assert_eq!(claims.len(), 2, "{claims:#?}");
    for claim in &claims {
        assert_eq!(claim.matches("rc-").count(), 1, "{claim}");
    }
    assert_ne!(claims[0], claims[1]);
}
