//! The bucket of the evidence: closed, versioned, encrypted, and locked for as long as is asked for.

use serde_json::json;

use super::Faults;
use super::tree::Template;

#[test]
fn the_evidence_is_kept_as_told() {
    let template = Template::alone("deploy/evidence.yaml");
    let faults = faults(&template);
    assert!(faults.is_empty(), "deploy/evidence.yaml:\n{}", faults.join("\n"));
}

/// Each thing that keeps evidence is missed when it is changed.
#[test]
fn a_bucket_that_keeps_less_is_noticed() {
    let whole = Template::alone("deploy/evidence.yaml");
    for (place, other) in [
        ("/Resources/EvidenceBucket/DeletionPolicy", json!("Delete")),
        ("/Resources/EvidenceBucket/Properties/VersioningConfiguration/Status", json!("Suspended")),
        ("/Resources/EvidenceBucket/Properties/PublicAccessBlockConfiguration/BlockPublicAcls", json!(false)),
        ("/Resources/EvidenceBucket/Properties/ObjectLockEnabled", json!(false)),
        ("/Resources/EvidenceBucketPolicy/Properties/PolicyDocument/Statement/0/Effect", json!("Allow")),
        ("/Resources/EvidenceBucketPolicy/Properties/PolicyDocument/Statement/0/Principal", json!({"AWS": "nobody"})),
        ("/Resources/EvidenceKey/Properties/KeyPolicy/Statement/1/Condition", json!({})),
        ("/Resources/EvidenceKey/Condition", json!("HasLock")),
        ("/Conditions/HasLock", json!({"!Equals": [{"!Ref": "LockDays"}, 0]})),
        ("/Outputs/Bucket/Value", json!({"!Ref": "EvidenceKey"})),
    ] {
        let mut tree = whole.tree.clone();
        *tree.pointer_mut(place).unwrap_or_else(|| panic!("{place} is not there")) = other;
        let changed = Template { text: whole.text.clone(), tree };
        assert!(!faults(&changed).is_empty(), "nobody notices a change of {place}");
    }
}

fn faults(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let conditions = &template.tree["Conditions"];
    let is_not_nought = |name: &str| json!({"!Not": [{"!Equals": [{"!Ref": name}, 0]}]});
    for (name, wanted) in [
        ("HasKey", json!({"!Equals": [{"!Ref": "Encryption"}, "kms"]})),
        ("HasLock", is_not_nought("LockDays")),
        ("HasEnd", is_not_nought("KeepDays")),
    ] {
        fault_if!(faults, conditions[name] != wanted, "{name} asks {}", conditions[name]);
    }
    let resources = &template.tree["Resources"];
    let (bucket, key) = (&resources["EvidenceBucket"], &resources["EvidenceKey"]);
    for (name, kept) in [("bucket", bucket), ("key", key)] {
        let stays = kept["DeletionPolicy"] == "Retain" && kept["UpdateReplacePolicy"] == "Retain";
        fault_if!(faults, !stays, "the {name} goes with its stack");
    }
    let is = &bucket["Properties"];
    fault_if!(faults, is["VersioningConfiguration"]["Status"] != "Enabled", "the bucket keeps no versions");
    let all = json!({"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true});
    fault_if!(faults, is["PublicAccessBlockConfiguration"] != all, "the bucket may be made public");
    let ownership = &is["OwnershipControls"]["Rules"][0]["ObjectOwnership"];
    fault_if!(faults, ownership != "BucketOwnerEnforced", "lists of access count");
    let encryption = &is["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]["ServerSideEncryptionByDefault"];
    let own = json!({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"!GetAtt": "EvidenceKey.Arn"}});
    let wanted = json!({"!If": ["HasKey", own, {"SSEAlgorithm": "AES256"}]});
    fault_if!(faults, *encryption != wanted, "the bucket is encrypted by {encryption}");
    fault_if!(faults, is["ObjectLockEnabled"] != true, "no lock can be switched on later");
    let retention = json!({"Mode": {"!Ref": "LockMode"}, "Days": {"!Ref": "LockDays"}});
    let lock = json!({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}});
    let wanted = json!({"!If": ["HasLock", lock, {"!Ref": "AWS::NoValue"}]});
    fault_if!(faults, is["ObjectLockConfiguration"] != wanted, "the lock is {}", is["ObjectLockConfiguration"]);
    let rule = &is["LifecycleConfiguration"]["!If"];
    let days = json!({"!Ref": "KeepDays"});
    let ends = &rule[1]["Rules"][0];
    let in_time = ends["ExpirationInDays"] == days && ends["NoncurrentVersionExpiration"]["NoncurrentDays"] == days;
    fault_if!(faults, rule[0] != "HasEnd" || !in_time, "a version is kept for another time");

    let policy = &resources["EvidenceBucketPolicy"]["Properties"];
    let denied = json!([{
        "Sid": "OnlyByTls", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [{"!GetAtt": "EvidenceBucket.Arn"}, {"!Sub": "${EvidenceBucket.Arn}/*"}],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }]);
    fault_if!(faults, policy["Bucket"] != json!({"!Ref": "EvidenceBucket"}), "the policy is of another bucket");
    fault_if!(faults, policy["PolicyDocument"]["Statement"] != denied, "the bucket is open without TLS");

    fault_if!(faults, key["Condition"] != "HasKey", "the key is made unasked");
    fault_if!(faults, key["Properties"]["EnableKeyRotation"] != true, "the key is not rotated");
    let by_s3 = &key["Properties"]["KeyPolicy"]["Statement"][1];
    let narrow = json!({"StringEquals": {
        "kms:CallerAccount": {"!Ref": "AWS::AccountId"},
        "kms:ViaService": {"!Sub": "s3.${AWS::Region}.${AWS::URLSuffix}"},
    }});
    fault_if!(faults, by_s3["Condition"] != narrow, "others than S3 and this account use the key");
    fault_if!(faults, by_s3["Action"] != json!(["kms:Decrypt", "kms:GenerateDataKey*"]), "the key does more");
    let output = &template.tree["Outputs"]["Bucket"]["Value"];
    fault_if!(faults, *output != json!({"!Ref": "EvidenceBucket"}), "the output is {output}");
    faults
}
