//! Resources of one name in several accounts are several.

use jiff::Timestamp;
use jiff::civil::date;
use job::Look;
use owner::{ACCEPTED_BECAUSE, ACCEPTED_UNTIL, Acting, Exception, OwnerTag, Owners, RPO_HOURS, Tags};

/// 2026-11-21 03:00 UTC.
const NIGHT: Timestamp = Timestamp::constant(1_795_230_000, 0);

fn orders(account: &str) -> String {
    format!("arn:aws:rds:eu-west-1:{account}:db:orders")
}

/// What is said of a database of the same name in each of two accounts.
fn said(add: impl Fn(&mut Acting, &str, &str)) -> (usize, Vec<String>) {
    let mut acting = Acting::default();
    for account in ["111122223333", "444455556666"] {
        add(&mut acting, &orders(account), "orders");
    }
    (acting.accepted(), acting.sentences())
}

fn failed(tags: &[(&str, &str)]) -> Vec<String> {
    let tags: Tags = tags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    said(|acting, resource, label| {
        let none = Look::NotLooked { why: String::new() };
        let owners = Owners::of([(resource.to_owned(), Look::Seen(tags.clone()))], none, &OwnerTag::default());
        acting.add(resource, label, NIGHT, &owners);
    })
    .1
}

#[test]
fn each_accepted_one_is_counted_and_told_from_its_namesake() {
    let exception = Exception { until: date(2026, 12, 1), because: "moves".to_owned() };
    let (accepted, sentences) = said(|acting, resource, label| acting.leave_out(resource, label, &exception));
    assert_eq!(accepted, 2);
    let (ours, theirs) = (orders("111122223333"), orders("444455556666"));
    let expected = format!(
        "2 more resources failed and are accepted, with no page for them: {ours}, {theirs} until 2026-12-01 (moves)."
    );
    assert_eq!(sentences, [expected]);
}

#[test]
fn each_exception_that_ended_and_each_wrong_tag_is_told_of_its_own_resource() {
    let (ours, theirs) = (orders("111122223333"), orders("444455556666"));
    let ended = failed(&[(ACCEPTED_UNTIL, "2026-11-19"), (ACCEPTED_BECAUSE, "moves")]);
    assert_eq!(ended, [format!("{ours}, {theirs}: the accepted exception ended on 2026-11-19 (moves).")]);
    let wrong = failed(&[(RPO_HOURS, "a day")]);
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    for (sentence, resource) in wrong.iter().zip([ours, theirs]) {
        assert!(sentence.starts_with(&format!("{resource}: tag {RPO_HOURS}")), "{sentence}");
    }
}

#[test]
fn a_resource_that_is_loud_and_one_that_is_accepted_are_told_apart() {
    let exception = Exception { until: date(2026, 12, 1), because: "moves".to_owned() };
    let mut acting = Acting::default();
    let owners = Owners::not_looked("of no matter");
    acting.add(&orders("111122223333"), "orders", Timestamp::UNIX_EPOCH, &owners);
    acting.leave_out(&orders("444455556666"), "orders", &exception);
    acting.leave_out("arn:aws:rds:eu-west-1:444455556666:db:crm", "crm", &exception);
    let expected = format!(
        "2 more resources failed and are accepted, with no page for them: {}, crm until 2026-12-01 (moves).",
        orders("444455556666")
    );
    assert_eq!(acting.sentences(), [expected]);
}
