//! The rungs of the ladder, what stands above what, and the words of Azure that mislead.

use classification::class::Class;
use classification::classify::{Classification, Confidence, Rung, Symptom, classify};
use classification::table::{Transient, azure_codes};
use job::{AzureError, AzureRecord, Cloud, Job, JobKind, JobState, Scope};

fn job(resource_type: &str, error: AzureError) -> Job {
    Job {
        message: error.message(),
        resource_type: resource_type.to_owned(),
        scope: Scope::azure("s", "westeurope"),
        azure: Some(Box::new(AzureRecord { operation: "Backup".into(), error, ..AzureRecord::default() })),
        ..Job::new(JobKind::Backup, "1", JobState::Failed)
    }
}

fn error(name: &str, number: i64, text: &str) -> AzureError {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    AzureError { name: some(name), number: Some(number).filter(|n| *n != 0), text: some(text), ..AzureError::default() }
}

fn answer(job: &Job) -> Classification {
    classify(&Symptom::of(job))
}

fn of(message: &str) -> Classification {
    classify(&Symptom::of_cloud(Cloud::Azure, JobKind::Backup, &JobState::Failed, "AzureIaasVM", message))
}

#[test]
fn each_rung_answers_and_the_first_wins() {
    let conflict = "OperationCancelledBecauseConflictingOperationRunningUserError";
    let table = [
        // The name, whatever its case, and before all else.
        (
            error("VMNOTINDESIRABLESTATE", 510_008, "Log chain is broken."),
            Class::ResourceState,
            Rung::Name,
            Confidence::Certain,
        ),
        (error(conflict, 0, ""), Class::ConcurrencyThrottled, Rung::Name, Confidence::Certain),
        // The number, where the title is none of the list.
        (error("vm-1", 320_001, "Log chain is broken."), Class::ResourceNotFound, Rung::Number, Confidence::Certain),
        // The text, by its letters alone.
        (
            error("", 0, "the VM is not in a state that allows backups"),
            Class::ResourceState,
            Rung::Text,
            Confidence::Certain,
        ),
        (
            error("", 0, "The VM isn't in a state that allows backups. Start it first."),
            Class::ResourceState,
            Rung::Text,
            Confidence::Likely,
        ),
        // A marked number.
        (
            error("", 0, "Something new happened. (ID: 130001)"),
            Class::ServiceInternal,
            Rung::Marking,
            Confidence::Certain,
        ),
        // Words of the text, then of the name.
        (
            error("UserErrorBrandNew", 0, "The rate of calls is exceeded."),
            Class::ConcurrencyThrottled,
            Rung::Fingerprint,
            Confidence::Likely,
        ),
        (
            error("UserErrorBrandNewQuotaReached", 0, "Sorry."),
            Class::QuotaExceeded,
            Rung::WordsOfName,
            Confidence::Likely,
        ),
        (error("UserErrorBrandNew", 0, "Sorry."), Class::Unknown, Rung::Nothing, Confidence::Unknown),
    ];
    for (error, class, rung, confidence) in table {
        let got = answer(&job("AzureIaasVM", error.clone()));
        assert_eq!((got.class, got.rung, got.confidence), (class, rung, confidence), "{error:?}");
    }
}

#[test]
fn inner_names_links_and_the_items_health_are_asked() {
    let inner = AzureError { inner: vec!["Outer".into(), "UserErrorPVNotFound".into()], ..error("New", 0, "Sorry.") };
    assert_eq!(answer(&job("AzureKubernetesService", inner)).rung, Rung::Name);
    let recommendations = vec!["Go to https://aka.ms/ab-vmnotindesirablestate and read.".to_owned()];
    let linked = answer(&job("AzureIaasVM", AzureError { recommendations, ..error("New", 0, "Sorry.") }));
    assert_eq!((linked.class, linked.rung, linked.confidence), (Class::ResourceState, Rung::Link, Confidence::Likely));
    let mut healthy = job("AzureIaasVM", error("New", 0, "Sorry."));
    healthy.azure.as_mut().unwrap().health = vec![error("", 400_158, "")];
    let got = answer(&healthy);
    assert_eq!((got.class, got.rung), (Class::UserCancelled, Rung::Health));
}

#[test]
fn a_known_error_says_whether_it_passes_and_what_helps() {
    for (message, transient) in [
        ("UserErrorSQLLSNValidationFailure: Log chain is broken.", Transient::BySchedule),
        ("BackUpOperationFailed", Transient::Retry),
        ("CloudDosAbsoluteLimitReached", Transient::Wait),
        ("VmNotInDesirableState", Transient::No),
        ("UserErrorJobSuccessfullyCancelled", Transient::User),
    ] {
        let code = of(message).code.unwrap();
        assert_eq!(code.transient, transient, "{message}");
        assert!(!code.fix.is_empty());
    }
    assert!(of("UserErrorBrandNewQuotaReached").code.is_none());
}

/// A text may be translated; what is never translated says more.
#[test]
fn of_several_texts_the_one_that_says_a_cause_decides() {
    let translated = AzureError {
        more_texts: vec!["The rate of snapshot calls is exceeded.".into()],
        ..error("UserErrorBrandNew", 0, "Der Agent und sein state: unklar.")
    };
    let got = answer(&job("AzureIaasVM", translated));
    assert_eq!((got.class, got.rung), (Class::ConcurrencyThrottled, Rung::Fingerprint));
    // The title of some records is the name of the machine.
    let machine = answer(&job("AzureIaasVM", error("network-quota-01", 0, "Sorry.")));
    assert_eq!(machine.class, Class::Unknown, "{:?}", machine.fingerprint);
}

/// Azure itself gives no cause for some names. The rest of the record may; if not, the list still says what to look at.
#[test]
fn a_name_that_stands_for_anything_leaves_it_to_the_text() {
    let open =
        of("UserErrorCrpReportedUserError: Backup failed due to an error. For details, see Job Error Message Details");
    assert_eq!((open.class, open.rung, open.fingerprint), (Class::Unknown, Rung::Name, None));
    assert!(open.code.is_some());
    let told = of("UserErrorCrpReportedUserError: The disk quota has been reached.");
    assert_eq!((told.class, told.rung), (Class::QuotaExceeded, Rung::Fingerprint));
}

#[test]
fn where_name_and_text_disagree_the_name_wins_and_both_are_told() {
    let got = of("VmNotInDesirableState: Log chain is broken.");
    assert_eq!((got.class, got.other), (Class::ResourceState, Some(Class::PrerequisiteMisconfigured)));
    assert_eq!(of("VmNotInDesirableState: The VM isn't in a state that allows backups.").other, None);
}

#[test]
fn misleading_words_do_not_mislead() {
    for (resource_type, message, class) in [
        (
            "AzureWorkload/SQL",
            "OperationCancelledBecauseConflictingOperationRunningUserError",
            Class::ConcurrencyThrottled,
        ),
        (
            "AzureIaasVM",
            "UserErrorRpCollectionLimitReached: The Restore Point collection max limit has reached.",
            Class::QuotaExceeded,
        ),
        ("AzurePostgreSQL", "UserErrorMissingNetworkSecurityPermissions", Class::NetworkConnectivity),
        ("MAB", "0x80070005: Access Is Denied", Class::PartialItemsFailed),
        // On a machine in Azure the same number is not that of MARS.
        ("AzureIaasVM", "0x80070005: Access Is Denied", Class::AccessDeniedUnspecified),
        ("AzureIaasVM", "ExtensionSnapshotFailedNoNetwork", Class::NetworkConnectivity),
        ("AzureIaasVM", "BackUpOperationFailed", Class::ServiceInternal),
        ("AzureIaasVM", "Error 403", Class::Unknown),
        // A number that is a status elsewhere is a number all the same.
        ("AzureDisk", "The disk already has 500 snapshots.", Class::QuotaExceeded),
        // What a database is called.
        ("AzureWorkload/SQL", "The backup of the database CancelledOrders did not succeed.", Class::Unknown),
        // A line may end in the middle of a sentence, and a sentence at the end of a line.
        ("AzureIaasVM", "The service is unable to\nreach the storage.", Class::NetworkConnectivity),
        ("AzureIaasVM", "The service is unable to\nReach the storage.", Class::Unknown),
        ("AzureIaasVM", "", Class::Unknown),
    ] {
        let got =
            classify(&Symptom::of_cloud(Cloud::Azure, JobKind::Backup, &JobState::Failed, resource_type, message));
        assert_eq!(got.class, class, "{message} by {:?} {:?}", got.rung, got.fingerprint);
    }
    // Shared by several causes: never certain.
    for message in ["ExtensionSnapshotFailedNoNetwork", "UserErrorRpCollectionLimitReached", "BackUpOperationFailed"] {
        assert_eq!(of(message).confidence, Confidence::Likely, "{message}");
    }
    // Windows writes the number with its sign as well.
    let signed = answer(&job("MAB", error("", -2_147_024_891, "Access Is Denied")));
    assert_eq!(signed.class, Class::PartialItemsFailed);
    let cancelled = classify(&Symptom::of_cloud(Cloud::Azure, JobKind::Backup, &JobState::Aborted, "", ""));
    assert_eq!((cancelled.class, cancelled.rung), (Class::UserCancelled, Rung::State));
}

/// A rule is one of one cloud, even where the words are the same.
#[test]
fn no_cloud_uses_the_rules_of_the_other() {
    for message in
        ["VmNotInDesirableState: The VM isn't in a state that allows backups.", "Log chain is broken.", "Access Denied"]
    {
        let in_cloud = |cloud| classify(&Symptom::of_cloud(cloud, JobKind::Backup, &JobState::Failed, "", message));
        let (aws, azure) = (in_cloud(Cloud::Aws), in_cloud(Cloud::Azure));
        let of_azure = |rule: &str| rule.starts_with("az-") || rule.starts_with("code:azure/");
        assert!(azure.fingerprint.is_some_and(of_azure), "{message}: {azure:?}");
        assert!(!aws.fingerprint.is_some_and(of_azure), "{message}: {aws:?}");
    }
}

#[test]
fn every_error_of_the_list_is_found_by_its_name() {
    for code in azure_codes() {
        let Some(name) = code.name else { continue };
        let got = of(name);
        assert_eq!((got.class, got.code), (code.class, Some(code)), "{name}");
        assert_eq!(
            of(&name.to_lowercase()).class,
            if name.len() < 5 { Class::Unknown } else { got.class },
            "{name} in lower case"
        );
    }
}

/// Text from outside: whatever it is, there is an answer, and in bounded time.
#[test]
fn hostile_texts_have_an_answer() {
    for message in [
        "(",
        "a (",
        "x: (ID: 99999999999999999999)",
        "0x",
        "0xzz: y",
        "UserError",
        &"A".repeat(10_000),
        &"aB.".repeat(5_000),
    ] {
        let _ = of(message);
        let _ = answer(&job("MAB", error(message, i64::MIN, message)));
    }
}
