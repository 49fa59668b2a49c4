//! Error codes: where they are found, which list speaks, and what outweighs what.

use crate::files;
use classification::classify::{Symptom, classify, classify_unlisted};
use classification::table::table;
use job::{JobKind, JobState};

fn answer(message: &str) -> (&'static str, Option<&'static str>) {
    let got = classify(&Symptom::new(JobKind::Backup, &JobState::Failed, "", message));
    (got.class.id(), got.fingerprint)
}

#[test]
fn a_code_is_found_wherever_aws_puts_it() {
    let rule = Some("code:ec2/InvalidVolume.NotFound");
    for message in [
        "InvalidVolume.NotFound",
        "invalidvolume.notfound",
        "InvalidVolume.NotFound: It is not there.",
        "It is not there (InvalidVolume.NotFound)",
        "Client.InvalidVolume.NotFound: It is not there.",
        "It is not there. (Service: AmazonEC2; Status Code: 400; Error Code: InvalidVolume.NotFound; Request ID: 1; Proxy: null)",
        "An error occurred (InvalidVolume.NotFound) when calling the CreateSnapshot operation: It is not there.",
        "<Response><Errors><Error><Code>InvalidVolume.NotFound</Code><Message>It is not there.</Message></Error></Errors></Response>",
        "api error InvalidVolume.NotFound: It is not there.",
    ] {
        assert_eq!(answer(message), ("resource-not-found", rule), "{message}");
    }
}

#[test]
fn words_of_one_cause_outweigh_a_code_and_a_code_outweighs_words_of_many() {
    for (message, class, rule) in [
        // The sentence is about too many copies at once.
        ("VolumeLimitExceeded: Too many snapshot copies in progress.", "concurrency-throttled", "busy-same-resource"),
        // "not found" may be said of anything; the code says of what.
        ("NoSuchEntity: It was not found.", "iam-role-unassumable", "code:iam/NoSuchEntity"),
        // A code of a list heads what comes behind it, wherever it stands.
        (
            "The job failed: EncryptionFailure: It did not work.",
            "kms-key-unusable",
            "code:secretsmanager/EncryptionFailure",
        ),
        // AWS Backup hands on what others say.
        (
            "EncryptionFailure: It did not work. (Service: Backup, Status Code: 400, Request ID: 1)",
            "kms-key-unusable",
            "code:secretsmanager/EncryptionFailure",
        ),
        // No list has it, and its form says enough to be likely.
        ("WarehouseNotFoundFault", "resource-not-found", "family:*NotFound*"),
    ] {
        assert_eq!(answer(message), (class, Some(rule)), "{message}");
    }
}

/// Services mean different things by one code, and most messages leave the name of the service out.
#[test]
fn a_code_without_its_service_is_that_of_the_type() {
    for (resource_type, message, class) in [
        ("Aurora DSQL", "ConflictException: It has conflicts.", "concurrency-throttled"),
        ("VirtualMachine", "ConflictException: It is not supported.", "unsupported-or-not-enabled"),
        ("VirtualMachine", "ConflictException: Zzz.", "unknown"),
        // No type, or one that calls no such service: the common meaning.
        ("", "ConflictException: Zzz.", "concurrency-throttled"),
        ("S3", "ConflictException: Zzz.", "concurrency-throttled"),
        // The message names the service: the type says nothing.
        (
            "VirtualMachine",
            "Zzz. (Service: DSQL, Status Code: 409, Error Code: ConflictException)",
            "concurrency-throttled",
        ),
    ] {
        let got = classify(&Symptom::new(JobKind::Backup, &JobState::Failed, resource_type, message));
        assert_eq!(got.class.id(), class, "{resource_type}: {message}");
    }
}

#[test]
fn a_sure_code_decides_between_words_that_contradict_each_other() {
    let message = "InvalidVPCNetworkStateFault: The VPC does not support DNS resolution, DNS hostnames, or both.";
    let got = classify(&Symptom::new(JobKind::Restore, &JobState::Failed, "RDS", message));
    assert_eq!(
        (got.class.id(), got.fingerprint),
        ("restore-target-invalid", Some("code:rds/InvalidVPCNetworkStateFault"))
    );
}

#[test]
fn a_code_that_is_open_on_purpose_claims_nothing() {
    let files = files();
    let open: Vec<String> = files
        .services
        .iter()
        .filter(|service| service.service == "ec2")
        .flat_map(|service| service.codes.iter().filter(|(_, said)| said.open.is_some()))
        .filter(|(code, _)| {
            !files.services.iter().any(|other| other.codes.get(*code).is_some_and(|said| said.class.is_some()))
        })
        .map(|(code, _)| code.clone())
        .collect();
    assert!(open.len() > 5, "{open:?}");
    for code in open {
        let message =
            format!("Zzz. (Service: AmazonEC2; Status Code: 400; Error Code: {code}; Request ID: 1; Proxy: null)");
        assert_eq!(answer(&message), ("unknown", None), "{code}");
    }
}

#[test]
fn each_family_is_for_its_example() {
    let files = files();
    let listed = |code: &str| {
        files.services.iter().any(|service| service.codes.keys().any(|key| key.eq_ignore_ascii_case(code)))
    };
    let mut wrong = Vec::new();
    for family in &files.families {
        let (class, rule) = answer(&family.example);
        let by_form = format!("family:{}", family.form);
        let bare = family.example.trim_start_matches("Client.");
        if !listed(&family.example) && !listed(bare) && (class, rule) != (family.class.as_str(), Some(by_form.as_str()))
        {
            wrong.push(format!("{}: {} is {class} by {rule:?}", family.form, family.example));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each code by itself, as if no list had it.
#[test]
fn a_code_that_no_list_has_is_rarely_wrong_by_its_form() {
    let files = files();
    let (mut right, mut unknown, mut wrong) = (0, 0, Vec::new());
    for service in &files.services {
        for (code, said) in &service.codes {
            let Some(class) = &said.class else { continue };
            let symptom = Symptom::new(JobKind::Backup, &JobState::Failed, "", code);
            let got = classify_unlisted(table(), &symptom);
            match got.class.id() {
                got if got == class => right += 1,
                "unknown" => unknown += 1,
                id => wrong.push(format!("{id} by {:?} for {class}: {} {code}", got.fingerprint, service.service)),
            }
        }
    }
    let told = format!("{right} right, {unknown} unknown, {} wrong", wrong.len());
    println!("{told}");
    let all = right + unknown + wrong.len();
    assert!(right * 100 >= all * 60, "{told}");
    assert!(wrong.len() * 100 <= all * 2, "{told}:\n{}", wrong.join("\n"));
}
