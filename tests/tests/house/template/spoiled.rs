//! For each check, places to spoil in the template. Spoiled there, the check must find a fault.

use super::Faults;
use super::access::{queues_are_closed, topics_are_closed_and_alarms_get_through};
use super::delivery::{queue_numbers_fit, rules_reach_a_queue_and_lose_nothing};
use super::events::{samples_fire_as_told, states_fire_as_told};
use super::inventory::functions_are_built_and_configured;
use super::permissions::{roles_are_assumed_and_handed_on_as_told, roles_may_do_no_more_than_they_must};
use super::schedules::{schedules_tell_their_time_and_lose_nothing, verify_ticks_fit_its_interval};
use super::tree::Template;
use super::variables::{notices_reach_all_topics, settings_are_those_of_the_code};

pub(crate) type Check = fn(&Template) -> Faults;

/// What is spoiled for a check: a text in the template and what stands there instead.
pub(crate) type Spoiled = [(&'static str, &'static str)];

pub(crate) const SPOILED: [(Check, &Spoiled); 13] = [
    (
        samples_fire_as_told,
        &[
            ("ABORTING, COMPLETED]", "ABORTING, COMPLETED, EXPIRED]"),
            ("PENDING, RUNNING, ABORTING, COMPLETED]", "PENDING, RUNNING]"),
            ("- status: [{anything-but", "- state: [{anything-but"),
            ("detail-type: [Backup", "detail-typ: [Backup"),
            ("source: [aws.backup]", "source: aws.backup"),
            (r#"statusMessage: [{anything-but: ["", '""']}]"#, "statusMessage: [{exists: false}]"),
        ],
    ),
    (
        states_fire_as_told,
        &[
            (r#"["", '""']"#, r#"[""]"#),
            (r#"[{anything-but: ["", '""']}]"#, r#"[{exists: true}, {anything-but: ["", '""']}]"#),
            (
                "[{anything-but: [CREATED, PENDING, RUNNING, ABORTING, COMPLETED]}]",
                "[FAILED, EXPIRED, ABORTED, PARTIAL]",
            ),
            ("source: [aws.backup]", r#"source: [{prefix: ""}]"#),
        ],
    ),
    (
        rules_reach_a_queue_and_lose_nothing,
        &[
            ("          DeadLetterConfig:\n            Arn: !GetAtt DeadLetterQueue.Arn\n", ""),
            (
                "        - Id: queue\n          Arn: !GetAtt ClassifyQueue.Arn\n",
                "        - Id: queue\n          Arn: !GetAtt ClassifyFunction.Arn\n",
            ),
            ("        - Id: queue\n", "        - Id: queue\n          InputPath: $.detail\n"),
            ("    Properties:\n      Name: !Sub", "    Properties:\n      State: DISABLED\n      Name: !Sub"),
        ],
    ),
    (
        queue_numbers_fit,
        &[
            ("Timeout: 120", "Timeout: 121"),
            ("VisibilityTimeout: 780", "VisibilityTimeout: 779"),
            ("MaximumBatchingWindowInSeconds: 60", "MaximumBatchingWindowInSeconds: 61"),
            ("BatchSize: 1000", "BatchSize: 10"),
            ("MaximumConcurrency: 2", "MaximumConcurrency: 5"),
            ("- ReportBatchItemFailures", "- Other"),
            ("maxReceiveCount: 20", "maxReceiveCount: 4"),
            ("maxReceiveCount: 20", "maxReceiveCount: 1000"),
            ("deadLetterTargetArn", "nowhere"),
            ("MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 345600"),
        ],
    ),
    (
        queues_are_closed,
        &[
            ("Service: events.amazonaws.com", r#"AWS: "*""#),
            ("Action: sqs:SendMessage", "Action: sqs:*"),
            ("                  - !GetAtt RestoreJobRule.Arn\n", ""),
            ("StringEqualsIfExists:", "StringLike:"),
            ("SqsManagedSseEnabled: true", "SqsManagedSseEnabled: false"),
            (
                "Action: sqs:*\n            Resource: !GetAtt ClassifyQueue",
                "Action: sqs:Send\n            Resource: !GetAtt ClassifyQueue",
            ),
            (
                "Action: sqs:*\n            Resource: !GetAtt ClassifyQueue",
                "Action: sqs:*\n            Resource: !GetAtt OtherQueue",
            ),
            ("Principal: \"*\"\n            Action: sqs:*", "Principal: {AWS: me}\n            Action: sqs:*"),
            ("Queues:\n        - !Ref DeadLetterQueue", "Queues:\n        - !Ref ClassifyQueue"),
            ("Queues:\n        - !Ref FailedTicksQueue", "Queues:\n        - !Ref ClassifyQueue"),
            (
                "          - Sid: NothingUnencryptedOnTheWire\n            Effect: Deny\n            Principal: \"*\"\n            \
                     Action: sqs:*\n            Resource: !GetAtt FailedTicksQueue.Arn\n",
                "          - Effect: Allow\n            Principal: {Service: scheduler.amazonaws.com}\n            \
                     Action: sqs:SendMessage\n            Resource: !GetAtt FailedTicksQueue.Arn\n",
            ),
        ],
    ),
    (
        topics_are_closed_and_alarms_get_through,
        &[
            ("KmsMasterKeyId: !Ref AlertTopicKey", "KmsMasterKeyId: alias/aws/sns"),
            ("      KmsMasterKeyId: !Ref AlertTopicKey\n", ""),
            ("              - kms:GenerateDataKey*\n", ""),
            (
                "Service: cloudwatch.amazonaws.com\n            Action:\n",
                "Service: sns.amazonaws.com\n            Action:\n",
            ),
            (r#"AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root""#, r#"AWS: "*""#),
            ("EnableKeyRotation: true", "EnableKeyRotation: false"),
            (
                "Service: cloudwatch.amazonaws.com\n            Action: sns:Publish",
                "AWS: \"*\"\n            Action: sns:Publish",
            ),
            (
                "              StringEquals:\n                aws:SourceAccount",
                "              StringLike:\n                aws:SourceAccount",
            ),
            ("aws:SecureTransport", "aws:Other"),
            (
                "Effect: Deny\n            Principal: \"*\"\n            Action: sns:Publish\n",
                "Effect: Deny\n            Principal: \"*\"\n            Action: sns:Send\n",
            ),
            (
                "\n              - kms:GenerateDataKey*\n",
                "\n              - kms:Encrypt\n              - kms:GenerateDataKey*\n",
            ),
            ("Protocol: email", "Protocol: sms"),
        ],
    ),
    (
        roles_may_do_no_more_than_they_must,
        &[
            ("- backup:ListBackupJobs", "- backup:*"),
            ("                    cloudwatch:namespace: !Sub", "                    cloudwatch:other: !Sub"),
            ("- backup:ListBackupJobs", r#"- "*""#),
            ("- backup:ListBackupJobs", "- backup:DeleteRecoveryPoint"),
            ("                  - backup:ListCopyJobs\n", ""),
            (r#"Resource: !Sub "arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*""#, r#"Resource: "*""#),
            ("              - Sid: ReadRoles\n", "\n              - Sid: ReadRoles\n"),
            ("              - Sid: ReadVaultPolicies\n", "\n              - Sid: ReadVaultPolicies\n"),
            ("      Role: !GetAtt ClassifyRole.Arn\n", ""),
            ("      Policies:\n", "      ManagedPolicyArns: [x]\n      Policies:\n"),
            ("                Action: backup:StartBackupJob\n", "                Action: backup:StopBackupJob\n"),
            ("                  - backup:GetBackupPlan\n", ""),
            ("                  - backup:GetBackupPlan\n", "                  - backup:DeleteBackupPlan\n"),
            (
                "                Action: backup:TagResource\n",
                "                Action: [backup:TagResource, iam:GetUser]\n",
            ),
            (
                r#"Resource: !Sub "arn:${AWS::Partition}:backup:${AWS::Region}:${AWS::AccountId}:backup-plan:*""#,
                r#"Resource: "*""#,
            ),
            ("                    aws:RequestedRegion: !Ref AWS::Region\n", "                    aws:Other: x\n"),
            ("              - Sid: StartBackups\n", "\n              - Sid: StartBackups\n"),
            ("                Action: lambda:InvokeFunction\n", "                Action: lambda:*\n"),
        ],
    ),
    (
        roles_are_assumed_and_handed_on_as_told,
        &[
            ("iam:PassedToService: backup.amazonaws.com", "iam:PassedToService: ec2.amazonaws.com"),
            (
                "                Condition:\n                  StringEquals:\n                    iam:PassedToService: backup.amazonaws.com\n",
                "",
            ),
            ("role/${RerunRolePattern}", "role/*"),
            ("role/${RerunRolePattern}", "role/${BackupRolePattern}"),
            ("                Action: iam:PassRole\n", "                Action: [iam:PassRole, iam:GetRole]\n"),
            ("                  - backup:ListCopyJobs\n", "                  - iam:PassRole\n"),
            ("Default: service-role/AWSBackupDefaultServiceRole", "Default: service-role/AWSBackup*"),
            ("Service: lambda.amazonaws.com", r#"AWS: "*""#),
            (
                "            Condition:\n              StringEquals:\n                aws:SourceAccount: !Ref AWS::AccountId\n      Policies:\n",
                "      Policies:\n",
            ),
        ],
    ),
    (
        schedules_tell_their_time_and_lose_nothing,
        &[
            ("<aws.scheduler.scheduled-time>", "<aws.scheduler.execution-id>"),
            ("            Input: '", "            Description2: '"),
            (r#"            Name: !Sub "${AWS::StackName}-verify""#, "            Name: verify"),
            (r#"              Mode: "OFF""#, "              Mode: FLEXIBLE"),
            ("            RetryPolicy:\n", "            State: DISABLED\n            RetryPolicy:\n"),
            ("              MaximumRetryAttempts: 2\n", "              MaximumRetryAttempts: 185\n"),
            ("        MaximumRetryAttempts: 2\n        MaximumEvent", "        MaximumEvent"),
            ("            DeadLetterConfig:\n              Arn: !GetAtt FailedTicksQueue.Arn\n", ""),
            (
                "            DeadLetterConfig:\n              Arn: !GetAtt FailedTicksQueue.Arn\n",
                "            DeadLetterConfig:\n              Arn: !GetAtt DeadLetterQueue.Arn\n",
            ),
            ("Destination: !GetAtt FailedTicksQueue.Arn", "Destination: !GetAtt ClassifyQueue.Arn"),
            ("            Type: SQS\n            Destination", "            Destination"),
            ("            ScheduleExpressionTimezone: !Ref ReportTimeZone\n", ""),
            ("          Type: ScheduleV2", "          Type: Schedule"),
            ("            RoleArn: !GetAtt SchedulerRole.Arn\n", ""),
            ("                  - !GetAtt VerifyFunction.Arn\n", "                  - !GetAtt ClassifyFunction.Arn\n"),
            (
                "              - Sid: KeepFailedTicks\n                Effect: Allow\n                Action: sqs:SendMessage\n                Resource: !GetAtt FailedTicksQueue.Arn\n",
                "",
            ),
        ],
    ),
    (
        verify_ticks_fit_its_interval,
        &[
            (r#""rate(${VerifyIntervalMinutes} minutes)""#, r#""rate(15 minutes)""#),
            ("VERIFY_INTERVAL_MINUTES: !Ref VerifyIntervalMinutes", "VERIFY_INTERVAL_MINUTES: 15"),
            (
                "      ReservedConcurrentExecutions: !If [KeepsRunsApart, 1, ",
                "      ReservedConcurrentExecutions: !If [KeepsRunsApart, 2, ",
            ),
            (
                "A run of the schedule and one\n      of yours may meet then, and tell something twice.\n    Default: \"true\"\n",
                "A run of the schedule and one\n      of yours may meet then, and tell something twice.\n    Default: \"false\"\n",
            ),
            (r#"["5", "10", "15", "20", "30", "60"]"#, r#"["5", "10", "15", "20", "25", "30", "60"]"#),
            (r#""20": {TwoInSeconds: 2400"#, r#""20": {TwoInSeconds: 1200"#),
            (r#"    "60": {TwoInSeconds: 7200, SilentPeriods: 24}"#, ""),
            ("Timeout: 300", "Timeout: 301"),
            (
                "MaximumEventAgeInSeconds: !FindInMap [VerifyInterval, !Ref VerifyIntervalMinutes, TwoInSeconds]",
                "MaximumEventAgeInSeconds: 86400",
            ),
        ],
    ),
    (
        settings_are_those_of_the_code,
        &[
            ("ALERT_TOPIC_ARN", "TOPIC_ARN"),
            ("          STUCK_HOURS: !Ref StuckHours\n", ""),
            ("          STUCK_HOURS: !Ref StuckHours\n", "          STUCK_HOURS: 4\n"),
            ("STORM_WINDOW_HOURS: !Ref StormWindowHours", "STORM_WINDOW_HOURS: !Ref RpoHours"),
            ("!If [HasRpoHours, !Ref RpoHours, !Ref AWS::NoValue]", "!Ref RpoHours"),
            ("CHAT_TOPIC_ARN: !If [HasChatTopic", "CHAT_TOPIC_ARN: !If [HasRpoHours"),
            ("        RUNBOOK_URL: !If [HasRunbookUrl, !Ref RunbookUrl, !Ref AWS::NoValue]\n", ""),
            ("(https://[A-Za-z0-9]", "(https?://[A-Za-z0-9]"),
            ("/?@!$&()*+,;=%-]*)?)?'", "/?@!$&()*+,;=%#-]*)?)?'"),
            ("    MaxLength: 300\n", "    MaxLength: 301\n"),
            (r#"!Not [!Equals [!Ref ChatTopicArn, ""]]"#, r#"!Equals [!Ref ChatTopicArn, ""]"#),
            ("AllowedValues: [run, claim, dry-run]", "AllowedValues: [run, claims, dry-run]"),
            ("    Default: run\n", "    Default: claim\n"),
            ("    MaxValue: 10080\n", "    MaxValue: 1440\n"),
            ("    Default: 7\n", "    Default: 35\n"),
            (r#"["5", "10","#, r#"["1", "10","#),
        ],
    ),
    (
        notices_reach_all_topics,
        &[
            ("                  - !If [HasNoticeTopic, !Ref NoticeTopicArn, !Ref AWS::NoValue]\n", ""),
            ("                  - !If [HasChatTopic, !Ref ChatTopicArn, !Ref AWS::NoValue]\n", ""),
            (
                "                  - !If [HasChatTopic, !Ref ChatTopicArn, !Ref AWS::NoValue]\n",
                "                  - !Ref ChatTopicArn\n",
            ),
            (
                "                Resource: !GetAtt AlertTopicKey.Arn\n",
                "                Resource: !GetAtt OtherKey.Arn\n",
            ),
            ("ALERT_TOPIC_ARN: !Ref AlertTopic", "ALERT_TOPIC_ARN: !Ref AlertTopicKey"),
        ],
    ),
    (
        functions_are_built_and_configured,
        &[
            ("Binary: classify", "Binary: other"),
            ("BuildMethod: rust-cargolambda", "BuildMethod: makefile"),
            ("CodeUri: functions/classify", "CodeUri: ."),
            ("Runtime: provided.al2023", "Runtime: provided.al2"),
            ("        LogGroup: !Ref ClassifyLogGroup\n", ""),
            ("RetentionInDays: !Ref LogRetentionDays", "KmsKeyId: none"),
            ("DeletionPolicy: RetainExceptOnCreate", "DeletionPolicy: Delete"),
        ],
    ),
];
