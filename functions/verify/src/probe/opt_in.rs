//! unsupported-or-not-enabled: whether AWS Backup is switched on for the type. Pure.

use std::collections::BTreeMap;

use classification::class::Class;
use classification::text::fold;
use job::Job;

use super::Probe;

/// `text`: the message without its wrappers.
pub(super) fn judge(model: &Job, text: &str, opt_ins: &Result<BTreeMap<String, bool>, String>) -> Probe {
    let resource_type = model.base_type();
    let opt_ins = match opt_ins {
        Ok(opt_ins) => opt_ins,
        Err(why) => {
            let unread = format!("Which resource types are opted in could not be read: {why}.");
            return Probe::claim(Class::UnsupportedOrNotEnabled).with_evidence(Vec::new(), vec![unread]);
        }
    };
    let opted_in = opt_ins.iter().find(|(name, _)| name.eq_ignore_ascii_case(resource_type)).map(|(_, on)| *on);
    match (opted_in, speaks_of_opting_in(text)) {
        (Some(false), _) => Probe::not_fixed(format!(
            "AWS Backup is switched off for the resource type {resource_type} in {}.",
            model.scope.region
        )),
        (Some(true), true) => Probe::fixed(format!(
            "AWS Backup is now switched on for the resource type {resource_type} in {}.",
            model.scope.region
        )),
        (Some(true), false) | (None, _) => Probe::claim(Class::UnsupportedOrNotEnabled),
    }
}

/// Whether the words are about the opt-in of a resource type, which is read here, and not of the organization or of a subscription.
fn speaks_of_opting_in(text: &str) -> bool {
    let text = fold(text);
    let speaks = |words: &[&str]| words.iter().any(|word| text.contains(word));
    speaks(&["opt-in", "opt in", "opted in", "opted out", "resource type is not enabled", "service is not enabled"])
        && !speaks(&["cross-account", "cross account", "organization", "subscri"])
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::super::examples::failure;
    use super::*;

    #[test]
    fn the_switch_counts_where_the_words_speak_of_it() {
        use Verdict::{Fixed, NotFixed, Undetermined};
        let opted_out = "The resource type is not opted in for this Region.";
        let unsupported = "Feature is not supported for provided resource type.";
        let table = [
            (
                opted_out,
                Some(("RDS", false)),
                NotFixed,
                "AWS Backup is switched off for the resource type RDS in eu-west-1.",
            ),
            (
                unsupported,
                Some(("RDS", false)),
                NotFixed,
                "AWS Backup is switched off for the resource type RDS in eu-west-1.",
            ),
            (
                opted_out,
                Some(("rds", true)),
                Fixed,
                "AWS Backup is now switched on for the resource type RDS in eu-west-1.",
            ),
            (unsupported, Some(("RDS", true)), Undetermined, "Night One cannot read"),
            ("Opt in to cross-account backup.", Some(("RDS", true)), Undetermined, "Night One cannot read"),
            ("OptInRequired: subscribe to the service.", Some(("RDS", true)), Undetermined, "Night One cannot read"),
            (opted_out, Some(("EBS", true)), Undetermined, "Night One cannot read"),
            (opted_out, None, Undetermined, "Night One cannot read"),
        ];
        for (text, opt_in, verdict, words) in table {
            let opt_ins = opt_in.into_iter().map(|(name, on)| (name.to_owned(), on)).collect();
            let probe = judge(&failure(), text, &Ok(opt_ins));
            assert_eq!(probe.verdict, verdict, "{text} {opt_in:?}");
            assert!(probe.sentence.starts_with(words), "{}", probe.sentence);
        }
        let probe = judge(&failure(), opted_out, &Err("AccessDenied".to_owned()));
        assert_eq!(probe.verdict, Undetermined);
        assert_eq!(probe.could_not_read, ["Which resource types are opted in could not be read: AccessDenied."]);
    }
}
