//! Which of the changes that CloudTrail lists may have broken it, or mended it. Pure.

use change::{Change, ShowAddress};
use classification::class::Class;
use jiff::{SignedDuration, Timestamp};
use notice::minute;

use super::Asked;

/// Which way a change turned things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Broke,
    Mended,
}

/// The time in which it must have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When the last good job began, or the last bad one ended. `None`: no such job is on record.
    pub after: Option<Timestamp>,
    /// When the first bad job ended, or the proof began.
    pub before: Timestamp,
}

/// What is known of who changed it.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// CloudTrail cannot tell, or nobody asked.
    NotAsked,
    Found {
        turn: Turn,
        span: Span,
        certainty: Certainty,
        /// The nearest to the failure, or to the proof, first.
        changes: Vec<Change>,
        /// How many more there are.
        more: usize,
    },
    /// Whether it is too early to say.
    NothingYet,
    Nothing {
        turn: Turn,
        span: Span,
        searched: String,
    },
    Unread {
        why: String,
    },
}

/// What is known of a change beside its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It lies between: it may have done it.
    InBetween,
    /// It took away the very thing that is missing, and nothing else did.
    Plain,
}

/// A mail has no room for more; people who want all ask CloudTrail.
const TOLD: usize = 2;
/// CloudTrail lists a change after about 5 minutes, at times 15.
const LISTED_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// Chooses. `class` and `key` are what the evidence has found by now.
pub fn answer(asked: &[Asked], turn: Turn, class: Class, key: Option<&str>, span: Span, now: Timestamp) -> Answer {
    if asked.is_empty() {
        return Answer::NotAsked;
    }
    let fitting: Vec<&Asked> = asked.iter().filter(|asked| asked.suspect.fits(class)).collect();
    let fitting = if fitting.is_empty() { asked.iter().collect() } else { fitting };
    let lies_between = |change: &&Change| span.after.is_none_or(|after| change.at > after) && change.at <= span.before;
    let mut changes: Vec<Change> = Vec::new();
    for Asked { suspect, changes: read } in &fitting {
        let read = read.as_ref().map(|read| read.found.as_slice()).unwrap_or_default();
        let of_it = read.iter().filter(|change| suspect.is_of(change, key)).filter(lies_between);
        for change in of_it {
            if !changes.iter().any(|known| known.id == change.id && known.at == change.at) {
                changes.push(change.clone());
            }
        }
    }
    changes.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.id.cmp(&b.id)));
    if !changes.is_empty() {
        let certainty = match changes.as_slice() {
            [only] if turn == Turn::Broke && takes_away(only, class) && nothing_else(&fitting, key) => Certainty::Plain,
            _ => Certainty::InBetween,
        };
        let more = changes.len().saturating_sub(TOLD);
        changes.truncate(TOLD);
        return Answer::Found { turn, span, certainty, changes, more };
    }
    if let Some(why) = fitting.iter().find_map(|asked| asked.changes.as_ref().err()) {
        return Answer::Unread { why: why.clone() };
    }
    if now.duration_since(span.before) < LISTED_AFTER {
        return Answer::NothingYet;
    }
    let told = |asked: &&Asked| {
        let part = asked.changes.as_ref().is_ok_and(|changes| !changes.is_whole);
        let newest = if part { " (the newest 50 events)" } else { "" };
        format!("{}{newest}", asked.suspect)
    };
    Answer::Nothing { turn, span, searched: fitting.iter().map(told).collect::<Vec<_>>().join(", ") }
}

/// Whether all that may have been changed is known, and was read to its end.
fn nothing_else(fitting: &[&Asked], key: Option<&str>) -> bool {
    let is_whole = |asked: &Asked| asked.changes.as_ref().is_ok_and(|changes| changes.is_whole);
    fitting.iter().all(|asked| asked.suspect.is_known(key) && is_whole(asked))
}

/// Whether a change by itself makes a cause of this class.
fn takes_away(change: &Change, class: Class) -> bool {
    match class {
        Class::KmsKeyUnusable => ["DisableKey", "ScheduleKeyDeletion"].contains(&change.event.as_str()),
        Class::IamRoleUnassumable => change.event == "DeleteRole",
        Class::ResourceNotFound => change.event == "DeleteBackupVault",
        _ => false,
    }
}

impl Answer {
    /// The changes that are named.
    pub fn changes(&self) -> &[Change] {
        match self {
            Answer::Found { changes, .. } => changes,
            _ => &[],
        }
    }

    /// What a mail says of it; nothing where nobody asked.
    pub fn sentences(&self, show: ShowAddress) -> Vec<String> {
        let or_none = |at: Option<Timestamp>, what: &str, none: &str| match at {
            Some(at) => format!("{what} {}", minute(at)),
            None => none.to_owned(),
        };
        match self {
            Answer::NotAsked => Vec::new(),
            Answer::Found { turn, span, certainty, changes, more } => {
                let named: Vec<String> = changes.iter().map(|change| change.sentence(show)).collect();
                let more = if *more > 0 { format!("; and {more} more") } else { String::new() };
                let named = named.join("; before that ");
                match (turn, certainty) {
                    (Turn::Broke, Certainty::Plain) => vec![format!("Who broke it: {named}{more}.")],
                    (Turn::Broke, Certainty::InBetween) => {
                        let good = or_none(span.after, "The last good job began", "No good job is on record");
                        let bad = minute(span.before);
                        vec![format!("Changed in between: {named}{more}. {good}; the first bad one ended {bad}.")]
                    }
                    (Turn::Mended, _) => vec![format!("Changed since the last failure: {named}{more}.")],
                }
            }
            Answer::NothingYet => {
                vec!["Who changed it: nothing found yet. CloudTrail lists a change after 5 to 15 minutes.".to_owned()]
            }
            Answer::Nothing { turn, span, searched } => {
                let (from, to) = (or_none(span.after, "from", "in the 30 days before"), minute(span.before));
                let to = if span.after.is_some() { format!("to {to}") } else { to };
                let who = if *turn == Turn::Broke { "Who changed it" } else { "Who mended it" };
                vec![format!("{who}: CloudTrail has nothing. Searched: {searched}; {from} {to}.")]
            }
            Answer::Unread { why } => {
                vec![format!("Who changed it: CloudTrail could not be read ({}).", notice::text::outside(why, 160))]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use aws::Changes;
    use classification::named::Named;
    use job::{Job, JobKind, JobState, Scope};
    use serde_json::json;

    use super::*;
    use crate::trail::{Suspect, suspects};

    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234";

    fn at(hour: i64, minute: i64) -> Timestamp {
        let midnight: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
        midnight + SignedDuration::from_mins(60 * hour + minute)
    }

    fn change(event: &str, at: Timestamp, request: serde_json::Value) -> Change {
        let record = json!({
            "eventID": format!("{event} {at}"), "eventName": event, "eventTime": at.to_string(), "sourceIPAddress": "198.51.100.7",
            "userIdentity": {"arn": "arn:aws:sts::111122223333:assumed-role/Operations/alex"}, "requestParameters": request,
        });
        Change::read(&record.to_string()).unwrap()
    }

    /// What CloudTrail answers about each suspect.
    type Answers<'a> = &'a dyn Fn(&Suspect) -> Result<Changes, String>;

    /// What comes of these answers. `key`: what is known of it.
    fn told_of(class: Class, key: Option<&str>, answers: Answers<'_>, now: Timestamp) -> Answer {
        let job = Job {
            scope: Scope::aws("111122223333", "eu-west-1"),
            role: Some("arn:aws:iam::111122223333:role/Nightly".into()),
            ..Job::new(JobKind::Backup, "1", JobState::Failed)
        };
        let named = Named { key: key.map(str::to_owned), ..Named::default() };
        let asked = |suspect| Asked { changes: answers(&suspect), suspect };
        let asked: Vec<Asked> = suspects(&job, class, &named, Turn::Broke).into_iter().map(asked).collect();
        let span = Span { after: Some(at(1, 0)), before: at(3, 0) };
        answer(&asked, Turn::Broke, class, key, span, now)
    }

    /// What comes of these changes, all of them listed under each suspect.
    fn told(class: Class, changes: &[Change], now: Timestamp) -> Answer {
        told_of(class, Some(KEY), &|_| Ok(Changes { found: changes.to_vec(), is_whole: true }), now)
    }

    #[test]
    fn the_change_between_good_and_bad_is_named_and_no_other() {
        let policy = |hour, key: &str| change("PutKeyPolicy", at(hour, 0), json!({"keyId": key}));
        let later = at(9, 0);
        let role = |event, name: &str| change(event, at(2, 0), json!({"roleName": name}));
        let found = |class, changes: &[Change]| told(class, changes, later).changes().to_vec();
        use Class::{IamPermissionMissing, KmsPolicyDenied};
        for (class, its) in
            [(KmsPolicyDenied, policy(2, KEY)), (IamPermissionMissing, role("PutRolePolicy", "Nightly"))]
        {
            assert_eq!(found(class, std::slice::from_ref(&its)), [its]);
        }
        for (why, class, other) in [
            ("before the last good job", KmsPolicyDenied, policy(0, KEY)),
            ("after the first bad job", KmsPolicyDenied, policy(4, KEY)),
            ("another key", KmsPolicyDenied, policy(2, "arn:aws:kms:eu-west-1:111122223333:key/9999")),
            ("another call", KmsPolicyDenied, change("TagResource", at(2, 0), json!({"keyId": KEY}))),
            ("another role", IamPermissionMissing, role("PutRolePolicy", "Other")),
            ("another call about the role", IamPermissionMissing, role("TagRole", "Nightly")),
        ] {
            assert_eq!(found(class, &[other]), [], "{why}");
        }
    }

    /// "Who broke it" accuses somebody: only where nothing that may have done it is left out.
    #[test]
    fn who_broke_it_is_said_only_where_all_that_may_have_done_it_was_read() {
        let disabled = change("DisableKey", at(2, 0), json!({"keyId": KEY}));
        let listed = |is_whole| Ok(Changes { found: vec![disabled.clone()], is_whole });
        let none = |is_whole| Ok(Changes { found: Vec::new(), is_whole });
        let denied = || Err("access denied".to_owned());
        type Row<'a> = (&'a str, Option<&'a str>, Result<Changes, String>, Result<Changes, String>, Certainty);
        let table: [Row<'_>; 5] = [
            ("all is read", Some(KEY), listed(true), none(true), Certainty::Plain),
            ("no key known", None, listed(true), none(true), Certainty::InBetween),
            ("other suspect unread", Some(KEY), listed(true), denied(), Certainty::InBetween),
            ("other suspect read in part", Some(KEY), listed(true), none(false), Certainty::InBetween),
            ("its own changes read in part", Some(KEY), listed(false), none(true), Certainty::InBetween),
        ];
        for (why, key, of_disable, of_deletion, expected) in table {
            let answers = |suspect: &Suspect| match suspect.to_string().as_str() {
                "DisableKey in eu-west-1" => of_disable.clone(),
                _ => of_deletion.clone(),
            };
            match told_of(Class::KmsKeyUnusable, key, &answers, at(9, 0)) {
                Answer::Found { certainty, changes, .. } => {
                    assert_eq!((certainty, changes), (expected, vec![disabled.clone()]), "{why}");
                }
                other => panic!("{why}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_a_mail_says() {
        let later = at(9, 0);
        let put = |hour| change("PutKeyPolicy", at(hour, 0), json!({"keyId": KEY}));
        let put_at = |minute| change("PutKeyPolicy", at(2, minute), json!({"keyId": KEY}));
        let disabled = change("DisableKey", at(2, 0), json!({"keyId": KEY}));
        let by =
            "by arn:aws:sts::111122223333:assumed-role/Operations/alex, 2026-11-21 02:00 UTC, from 198.51.100.0/24";
        let says = |answer: Answer| answer.sentences(ShowAddress::Network).concat();
        assert_eq!(
            says(told(Class::KmsPolicyDenied, &[put(2)], later)),
            format!(
                "Changed in between: PutKeyPolicy {by}. The last good job began 2026-11-21 01:00 UTC; the first bad one ended 2026-11-21 03:00 UTC."
            )
        );
        assert_eq!(says(told(Class::KmsKeyUnusable, &[disabled], later)), format!("Who broke it: DisableKey {by}."));
        let three = says(told(Class::KmsPolicyDenied, &[put_at(1), put_at(2), put_at(3)], later));
        assert!(three.contains("02:03 UTC") && three.contains("; and 1 more."), "{three}");
        assert_eq!(
            says(told(Class::KmsPolicyDenied, &[], later)),
            "Who changed it: CloudTrail has nothing. Searched: PutKeyPolicy in eu-west-1, RevokeGrant in eu-west-1; from 2026-11-21 01:00 UTC to 2026-11-21 03:00 UTC."
        );
        assert_eq!(told(Class::KmsPolicyDenied, &[], at(3, 14)), Answer::NothingYet);
        assert_eq!(told(Class::Vss, &[put(2)], later), Answer::NotAsked);
    }
}
