//! Faults are what they say they are: a matrix over faults that do nothing would hold always.

use serde_json::{Value, json};
use tests::events::sqs_batch;
use tests::{Fault, Function, Held, Repeat, Simulator, Tokens};

use super::{NIGHT, at, get, orders, post, post_form, publish};

const FAILED: &str = "/backup-jobs/?state=FAILED";
const COMPLETED: &str = "/backup-jobs/?state=COMPLETED";

/// The account after a good night, in which lists of completed jobs meet a fault.
fn spoiled(fault: Fault) -> Simulator {
    let mut world = orders();
    world.run_night("nightly", at(NIGHT));
    let simulator = Simulator::start(world);
    simulator.fail("backup", "ListBackupJobs[COMPLETED]", fault, Repeat::Always);
    simulator
}

fn ids(page: &Value) -> Vec<&str> {
    let jobs = page["BackupJobs"].as_array().into_iter().flatten();
    jobs.filter_map(|job| job["BackupJobId"].as_str()).collect()
}

#[test]
fn a_fault_meets_the_list_that_it_names_and_no_other() {
    let simulator = spoiled(Fault::ServerError);
    assert_eq!([get(&simulator, FAILED).0, get(&simulator, COMPLETED).0], [200, 500]);
    get(&simulator, "/backup-jobs/?state=COMPLETED&resourceArn=arn:aws:rds:eu-west-1:111122223333:db:orders-1");
    get(&simulator, "/restore-jobs/?status=FAILED");
    get(&simulator, "/backup-vaults/prod");
    let names: Vec<String> = simulator.calls().into_iter().map(|call| call.name).collect();
    let expected = [
        "ListBackupJobs[FAILED]",
        "ListBackupJobs[COMPLETED]",
        "ListBackupJobs[COMPLETED, by resource]",
        "ListRestoreJobs[FAILED]",
        "DescribeBackupVault",
    ];
    assert_eq!(names, expected);
}

#[test]
fn pages_go_on_as_their_tokens_say() {
    let three = [("endless", Tokens::Endless), ("round", Tokens::Round), ("same", Tokens::Same)];
    for (name, tokens) in three {
        let simulator = spoiled(Fault::Pages(tokens));
        let (mut path, mut seen) = (COMPLETED.to_owned(), Vec::new());
        for _ in 0..4 {
            let (_, page) = get(&simulator, &path);
            assert_eq!(ids(&page).len(), 3, "{name}: each page is the first");
            seen.push(page["NextToken"].as_str().unwrap().to_owned());
            path = format!("{COMPLETED}&nextToken={}", seen.last().unwrap());
        }
        let is_again = |place: usize, earlier: usize| seen[place] == seen[earlier];
        assert_eq!([is_again(1, 0), is_again(2, 0)], [name == "same", name != "endless"], "{name}: {seen:?}");
    }
    let simulator = spoiled(Fault::Twice);
    let (_, first) = get(&simulator, COMPLETED);
    let (_, second) = get(&simulator, &format!("{COMPLETED}&nextToken={}", first["NextToken"].as_str().unwrap()));
    assert_eq!((ids(&first), second["NextToken"].as_str()), (ids(&second), None));
}

#[test]
fn answers_hold_nothing_or_nonsense_with_status_200() {
    let status = |fault| get(&spoiled(fault), COMPLETED);
    assert_eq!(status(Fault::NoMembers), (200, json!({})));
    assert_eq!(status(Fault::EmptyBody), (200, Value::Null));
    assert_eq!(status(Fault::Html(200)), (200, Value::Null));
    assert_eq!(status(Fault::Html(502)).0, 502);
    let (_, page) = status(Fault::UnknownWord);
    assert_eq!((&page["BackupJobs"][0]["State"], ids(&page).len()), (&json!("NEBULOUS"), 3));
    // The head promises more than comes.
    assert_eq!(status(Fault::Truncated), (200, Value::Null));
}

#[test]
fn keys_roles_and_topics_have_their_own_ways_to_say_it() {
    let simulator = Simulator::start(orders());
    let key = simulator.with_world(|world| world.keys[0].arn.clone());
    let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", "TrentService.ListGrants")];
    let grants = |body: Value| post(&simulator, &headers, &body.to_string()).1;
    simulator.fail("kms", "ListGrants", Fault::Pages(Tokens::Same), Repeat::Always);
    for body in [json!({"KeyId": key}), json!({"KeyId": key, "Marker": "page-a"})] {
        let page: Value = serde_json::from_str(&grants(body)).unwrap();
        assert_eq!((&page["Truncated"], &page["NextMarker"]), (&json!(true), &json!("page-a")));
    }
    let simulate = "Action=SimulatePrincipalPolicy&Version=2010-05-08&ActionNames.member.1=rds:CreateDBSnapshot\
                    &PolicySourceArn=arn:aws:iam::111122223333:role/NightlyBackup";
    simulator.fail("iam", "*", Fault::UnknownWord, Repeat::Times(1));
    simulator.fail("iam", "*", Fault::Pages(Tokens::Same), Repeat::Always);
    let [unknown, marked] = [(); 2].map(|()| post_form(&simulator, simulate).1);
    assert!(unknown.contains("<EvalDecision>NEBULOUS</EvalDecision>"), "{unknown}");
    assert!(marked.contains("<IsTruncated>true</IsTruncated><Marker>page-a</Marker>"), "{marked}");
    // What is done is done, though its answer is empty.
    simulator.fail("sns", "Publish", Fault::NoMembers, Repeat::Times(1));
    simulator.fail("sns", "Publish", Fault::EmptyBody, Repeat::Times(1));
    let statuses = [publish(&simulator, "done").0, publish(&simulator, "not done").0];
    assert_eq!((statuses, simulator.published().len()), ([200, 200], 1));
}

#[test]
fn a_process_is_killed_at_the_call_that_is_held() {
    let mut world = orders();
    world.key("orders").policy = tests::world::admins_only("111122223333");
    let night = world.run_night("nightly", at(NIGHT));
    let batch = sqs_batch(&world.events(&night.backup_jobs));
    let topic = world.topics[0].arn.clone();
    let calls = {
        let simulator = Simulator::start(world.clone());
        Function::start("classify", &simulator, &[("ALERT_TOPIC_ARN", &topic)]).unwrap().invoke(&batch);
        simulator.calls().len()
    };
    // The last call publishes the page.
    for (held, published) in [(Held::NotDone, 0), (Held::Done, 1)] {
        let simulator = Simulator::start(world.clone());
        let mut classify = Function::start("classify", &simulator, &[("ALERT_TOPIC_ARN", &topic)]).unwrap();
        simulator.hold_after(calls - 1, held);
        let killed = classify.invoke(&batch);
        assert_eq!(killed.answer.unwrap_err()["errorType"], "Runtime.ExitError");
        assert_eq!(simulator.published().len(), published, "{held:?}");
        let again = classify.invoke(&batch);
        assert_eq!(
            (again.answer.unwrap()["batchItemFailures"].clone(), simulator.published().len()),
            (json!([]), published + 1)
        );
    }
}
