//! For each check of what watches and explains the stack, places to spoil in the template.

use super::alarms::{
    alarms_ring_in_time, alarms_tell_somebody_what_to_do, everything_is_watched, the_deadline_is_kept_in_local_time,
    watched_metrics_are_written,
};
use super::audit::audit_manager_checks_what_night_one_does;
use super::drawing::the_drawing_shows_every_resource;
use super::inventory::{
    descriptions_name_what_is_there, names_carry_the_stack, outputs_say_what_they_are_for, parameters_are_explained,
    references_lead_somewhere,
};
use super::queries::{queries_ask_for_what_is_logged, the_dashboard_answers_in_its_first_row};
use super::spoiled::{Check, Spoiled};

pub(crate) const SPOILED_WATCH: [(Check, &Spoiled); 14] = [
    (
        everything_is_watched,
        &[
            ("MetricName: Errors", "MetricName: Duration"),
            ("MetricName: Throttles", "MetricName: Errors"),
            ("MetricName: CoverageErrors", "MetricName: RerunsRefused"),
            ("MetricName: RerunsRefused", "MetricName: StuckJobs"),
            ("Value: !GetAtt DeadLetterQueue.QueueName", "Value: !GetAtt ClassifyQueue.QueueName"),
            ("              MetricName: Invocations\n", "              MetricName: Duration\n"),
            ("TreatMissingData: notBreaching", "TreatMissingData: breaching"),
            ("TreatMissingData: breaching", "TreatMissingData: missing"),
            ("TreatMissingData: ignore", "TreatMissingData: notBreaching"),
            (
                "      Namespace: !Sub \"NightOne/${AWS::StackName}\"\n      MetricName: SubscriptionsConfirmed\n",
                "      Namespace: NightOne\n      MetricName: SubscriptionsConfirmed\n",
            ),
            (
                "      Namespace: !Sub \"NightOne/${AWS::StackName}\"\n      MetricName: CoverageErrors\n",
                "      Namespace: NightOne\n      MetricName: CoverageErrors\n",
            ),
        ],
    ),
    (
        alarms_tell_somebody_what_to_do,
        &[
            ("AlarmActions: [!Ref AlertTopic]", "OKActions: [!Ref AlertTopic]"),
            ("AlarmActions: [!Ref AlertTopic]", "AlarmActions: [!Ref ChatTopicArn]"),
            ("AND ALARM(\"${NoReportTodayAlarm}\")", ""),
            ("\") AND ALARM(\"", "\") OR ALARM(\""),
            ("        - !If [HasChatTopic, !Ref ChatTopicArn, !Ref AWS::NoValue]\n\n", "\n"),
            (
                "      AlarmActions: [!Ref AlertTopic]\n",
                "      AlarmActions: [!Ref AlertTopic]\n      ActionsEnabled: false\n",
            ),
            ("      AlarmDescription: !Sub >-\n", "      AlarmDescription2: !Sub >-\n"),
            (
                "Part of the alarm ${AWS::StackName}-report-late, and no fault by itself: no report was sent for 24 hours.",
                "Silence",
            ),
        ],
    ),
    (
        alarms_ring_in_time,
        &[
            ("      EvaluationPeriods: 26\n", "      EvaluationPeriods: 25\n"),
            ("      EvaluationPeriods: 26\n", "      EvaluationPeriods: 169\n"),
            ("      EvaluationPeriods: 24\n", "      EvaluationPeriods: 23\n"),
            ("      EvaluationPeriods: 3\n", "      EvaluationPeriods: 1\n"),
            ("      TreatMissingData: ignore\n", "      TreatMissingData: ignore\n      DatapointsToAlarm: 1\n"),
            ("      Threshold: 1\n", "      Threshold: 2\n"),
            ("      Threshold: 1200\n", "      Threshold: 3600\n"),
            ("      VisibilityTimeout: 780\n", "      VisibilityTimeout: 720\n"),
            ("ComparisonOperator: LessThanThreshold", "ComparisonOperator: GreaterThanThreshold"),
            ("          Expression: FILL(sent, 0)\n", "          Expression: sent\n"),
            ("          Expression: FILL(due, 0)\n", "          Expression: FILL(due, REPEAT)\n"),
            ("          ReturnData: false\n", ""),
            (r#""60": {TwoInSeconds: 7200, SilentPeriods: 24}"#, r#""60": {TwoInSeconds: 7200, SilentPeriods: 12}"#),
            ("!FindInMap [VerifyInterval, !Ref VerifyIntervalMinutes, SilentPeriods]", "4"),
        ],
    ),
    (
        watched_metrics_are_written,
        &[
            ("      FilterPattern: '{ $.ReportSent = 1 }'\n", "      FilterPattern: '{ $.ReportDue = 1 }'\n"),
            ("          MetricName: ReportSent\n", "          MetricName: Sent\n"),
            ("          MetricValue: $.SubscriptionsConfirmed\n", "          MetricValue: $.subscriptions_confirmed\n"),
            (
                "        - MetricNamespace: !Sub \"NightOne/${AWS::StackName}\"\n",
                "        - MetricNamespace: NightOne\n",
            ),
            ("      LogGroupName: !Ref ReportLogGroup\n", "      LogGroupName: !Ref VerifyLogGroup\n"),
            (r#""MetricName":"ReportDue""#, r#""MetricName":"Due""#),
            (r#"{"Namespace":"NightOne/${AWS::StackName}""#, r#"{"Namespace":"NightOne""#),
            (r#""Value":1,"#, r#""Value":0,"#),
            ("      MetricName: CoverageErrors\n", "      MetricName: CoverageError\n"),
        ],
    ),
    (
        the_deadline_is_kept_in_local_time,
        &[
            ("cron(0 ${ReportDeadlineHour} * * ? *)", "cron(0 7 * * ? *)"),
            (
                "      ScheduleExpressionTimezone: !Ref ReportTimeZone\n      FlexibleTimeWindow:\n",
                "      FlexibleTimeWindow:\n",
            ),
            ("aws-sdk:cloudwatch:putMetricData", "aws-sdk:cloudwatch:setAlarmState"),
            ("        RoleArn: !GetAtt SchedulerRole.Arn\n        RetryPolicy:\n", "        RetryPolicy:\n"),
            ("        DeadLetterConfig:\n          Arn: !GetAtt FailedTicksQueue.Arn\n", ""),
            ("!Not [!Equals [!Ref ReportHour, !Ref ReportDeadlineHour]]", "!Not [!Equals [!Ref ReportHour, \"24\"]]"),
            ("  ReportDueSchedule:\n", "  OtherSchedule:\n"),
            ("      Description: By now the report must have been sent\n", "      State: DISABLED\n"),
        ],
    ),
    (
        queries_ask_for_what_is_logged,
        &[
            ("fields start, end, job_id,", "fields start, end, job,"),
            ("ispresent(job_id)", "ispresent(jobid)"),
            ("and end like", "and ended like"),
            ("latest(status) as stands", "latest(state) as stands"),
            ("| dedup job_id, leg\n", "| dedup job_id, way\n"),
            ("record in [\"page\", \"incident_closed\"]\n", "record in [\"pages\", \"incident_closed\"]\n"),
            ("record in [\"page\", \"incident_closed\"]\n", "kind in [\"page\", \"incident_closed\"]\n"),
            ("errors\":[*]' as could_not_read\n", "errors_of_others\":[*]' as could_not_read\n"),
            ("incident_id, page_id, sns_message_id", "incident_id, rank, sns_message_id"),
            ("message_ids.0, page_ids.0", "message_id, page_ids.0"),
            ("message_ids.0, page_ids.0", "message_ids, subject.0"),
            ("verdict = \"not-assessed\"", "verdict = \"unassessed\""),
            ("record in [\"page_suppressed\", \"ignored\"]", "record in [\"page_suppressed\"]"),
            (
                "      LogGroupNames:\n        - !Ref ReportLogGroup\n",
                "      LogGroupNames:\n        - !Ref ClassifyLogGroup\n",
            ),
            (
                "        - !Ref VerifyLogGroup\n      QueryString: |-\n        # A job_id",
                "        - !Ref ReportLogGroup\n      QueryString: |-\n        # A job_id",
            ),
        ],
    ),
    (
        the_dashboard_answers_in_its_first_row,
        &[
            (
                r#"["NightOne", "ResourcesInBreach", {"label": "resources"}]"#,
                r#"["NightOne", "InBreach", {"label": "resources"}]"#,
            ),
            (
                r#"                  ["NightOne", "OpenRootCauses", {"label": "root causes"}]"#,
                r#"                  ["NightOne", "StuckJobs", {"label": "x"}]"#,
            ),
            (
                r#"["NightOne", "WorstGapHours", {"label": "resources"}]"#,
                r#"["Other", "WorstGapHours", {"label": "resources"}]"#,
            ),
            (r#""start": "-PT26H""#, r#""start": "-P7D""#),
            (r#""view": "singleValue""#, r#""view": "timeSeries""#),
            (r#"filter record = \"rpo_summary\" |"#, r#"filter record = \"rpo_gap\" |"#),
            ("sort resources_held_back desc", "sort resources desc"),
            ("{NightOne,Vault}", "{NightOne,Resource}"),
            ("MetricName=\\\"ResourcesInBreach\\\"", "MetricName=\\\"Breaches\\\""),
            (r#""x": 14, "y": 0"#, r#""x": 13, "y": 0"#),
            (r#""x": 12, "y": 9, "width": 12"#, r#""x": 12, "y": 9, "width": 13"#),
            ("                  \"${SubscriptionsAlarm.Arn}\",\n", ""),
            ("      DashboardBody: !Sub |-\n        {\n", "      DashboardBody: !Sub |-\n        {,\n"),
        ],
    ),
    (
        audit_manager_checks_what_night_one_does,
        &[
            ("BACKUP_LAST_RECOVERY_POINT_CREATED", "BACKUP_LAST_RECOVERY_POINT"),
            ("ParameterName: recoveryPointAgeValue", "ParameterName: recoveryPointAge"),
            ("              ParameterValue: days\n", "              ParameterValue: hours\n"),
            (
                "            - ParameterName: requiredRetentionDays\n              ParameterValue: !Ref AuditRetentionDays\n",
                "",
            ),
            ("    MaxValue: 31\n", "    MaxValue: 365\n"),
            ("    Condition: HasAuditManager\n", ""),
            ("    Condition: HasAuditReport\n    Properties", "    Properties"),
            ("    Default: \"false\"\n", "    Default: \"true\"\n"),
            ("AWS Config must record", "Something must record"),
            (
                r#"!Join ["_", !Split ["-", !Sub "${AWS::StackName}-framework"]]"#,
                r#"!Sub "${AWS::StackName}-framework""#,
            ),
            (
                r#"!Join ["_", !Split ["-", !Sub "${AWS::StackName}-report"]]"#,
                r#"!Join ["-", !Split ["-", !Sub "${AWS::StackName}-report"]]"#,
            ),
            ("ReportTemplate: RESOURCE_COMPLIANCE_REPORT", "ReportTemplate: BACKUP_JOB_REPORT"),
            ("S3BucketName: !Ref AuditReportBucket", "S3BucketName: !Ref AlertEmail"),
            ("          - !GetAtt AuditFramework.FrameworkArn\n", "          - !GetAtt Other.FrameworkArn\n"),
        ],
    ),
    (
        parameters_are_explained,
        &[
            ("    Description: Processor", "    ConstraintDescription: Processor"),
            (
                "Parameters: [AlertEmail, ChatTopicArn, NoticeTopicArn, RunbookUrl]",
                "Parameters: [ChatTopicArn, NoticeTopicArn, RunbookUrl]",
            ),
            (
                "Parameters: [AlertEmail, ChatTopicArn, NoticeTopicArn, RunbookUrl]",
                "Parameters: [AlertEmail, ChatTopicArn, NoticeTopicArn, RunbookUrl, AuditReportBucket]",
            ),
            (
                "Parameters: [AlertEmail, ChatTopicArn, NoticeTopicArn, RunbookUrl]",
                "Parameters: [AlertEmail, ChatTopicArn, NoticeTopicArn, RunbookUrl, Other]",
            ),
            ("      MemorySize: {default: Memory (MB)}\n", ""),
            ("    Default: 24\n", ""),
            ("    AllowedValues: [x86_64, arm64]\n", ""),
        ],
    ),
    (
        names_carry_the_stack,
        &[
            (r#"!Sub "${AWS::StackName}-classify""#, "night-one-classify"),
            (r#"!Sub "${AWS::StackName}-alerts""#, "alerts"),
            (r#"!Sub "${AWS::StackName}-failed-ticks""#, "failed-ticks"),
            (r#"      Name: !Sub "${AWS::StackName}/Pages sent""#, "      Name: Pages sent"),
            (r#"DashboardName: !Sub "${AWS::StackName}""#, "DashboardName: NightOne"),
            (r#"      Name: !Sub "${AWS::StackName}-report-due""#, "      Name: report-due"),
            (r#"!Sub "${AWS::StackName}-framework""#, "framework"),
            (
                "  SchedulerRole:\n    Type: AWS::IAM::Role\n    Properties:\n",
                "  SchedulerRole:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: !Sub \"${AWS::StackName}-x\"\n",
            ),
        ],
    ),
    (
        descriptions_name_what_is_there,
        &[
            (
                "      AlarmName: !Sub \"${AWS::StackName}-report-late\"\n",
                "      AlarmName: !Sub \"${AWS::StackName}-no-report\"\n",
            ),
            ("the alarm ${AWS::StackName}-report-late,", "the alarm ${AWS::StackName}-report-lately,"),
            (
                "      Name: !Sub \"${AWS::StackName}/What could not be read\"",
                "      Name: !Sub \"${AWS::StackName}/Gaps\"",
            ),
        ],
    ),
    (
        references_lead_somewhere,
        &[
            ("!Ref AlertEmail", "!Ref AlertMail"),
            ("!GetAtt ClassifyQueue.Arn", "!GetAtt ClassifiedQueue.Arn"),
            ("--notification-endpoint ${AlertEmail}", "--notification-endpoint ${AlertMail}"),
            ("!If [HasChatTopic,", "!If [HasChat,"),
            ("!Condition HasAuditManager", "!Condition HasManager"),
            ("    Condition: HasAuditReport\n", "    Condition: HasReport\n"),
        ],
    ),
    (
        outputs_say_what_they_are_for,
        &[
            ("    Description: Do this first\n", ""),
            ("aws sns list-subscriptions-by-topic --region ${AWS::Region}", "aws sns list-subscriptions-by-topic"),
            ("  ReportCommand:\n", "  ReportNow:\n"),
            ("  NextStep:\n", "  ZLast:\n"),
            ("    Description: Who is subscribed", "    Export: {Name: x}\n    Description: Who is subscribed"),
        ],
    ),
    (
        the_drawing_shows_every_resource,
        &[("  DeadLetterQueue:\n", "  DeadLettersQueue:\n"), ("  AuditReport:\n    Type", "  AuditOther:\n    Type")],
    ),
];
