//! Whose notices they are: the label that says it.

use advice::stack::Stack;
use job::Scope;
use notice::Label;

/// The same stack, as the subjects of notices about another account begin: with the stack's label and what the account is called, at most 32
/// characters together. A stack without a label of its own says the account and its Region.
pub fn of_account(stack: &Stack, scope: &Scope, name: Option<&str>) -> Stack {
    let called = name.unwrap_or(&scope.account);
    let has_label = stack.label != Label::of_place(&stack.account, &stack.region);
    let label = match (has_label, scope.account == stack.account) {
        (true, true) => stack.label.clone(),
        (true, false) => joined(stack.label.as_str(), ' ', called),
        (false, true) => Label::of_place(&scope.account, &scope.region),
        (false, false) => before(called, &scope.region),
    };
    Stack { label, ..stack.clone() }
}

/// The label whole, and as much of the name as there is room for.
fn joined(label: &str, between: char, called: &str) -> Label {
    let room = Label::LONGEST.saturating_sub(label.len() + 1);
    let called: String = plain(called).chars().take(room).collect();
    let whole = format!("{label}{between}{called}");
    Label::parse(&whole).or_else(|| Label::parse(label)).unwrap_or_default()
}

/// As much of the name as there is room for, and the Region whole.
fn before(called: &str, region: &str) -> Label {
    let room = Label::LONGEST.saturating_sub(region.len() + 1);
    let called: String = plain(called).chars().take(room).collect();
    Label::of_place(&called, region)
}

/// What may stand in a label as it is.
fn plain(name: &str) -> String {
    let plain = |sign: char| match sign {
        '[' => '(',
        ']' => ')',
        sign if sign.is_ascii_graphic() || sign == ' ' => sign,
        _ => '?',
    };
    name.trim().chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use advice::stack::VerifyMode;

    use super::*;

    #[test]
    fn a_label_says_whose_it_is_in_32_characters() {
        let own = "111122223333";
        let other = "444455556666";
        let long = "a-very-long-name-of-an-account-that-goes-on";
        let table = [
            (None, other, Some("prod-crm"), "prod-crm/eu-central-1"),
            (None, other, None, "444455556666/eu-central-1"),
            (None, other, Some(long), "a-very-long-name-of/eu-central-1"),
            (None, own, Some("hub"), "111122223333/eu-central-1"),
            (Some("Backups"), other, Some("prod-crm"), "Backups prod-crm"),
            (Some("Backups"), other, None, "Backups 444455556666"),
            (Some("Backups"), other, Some(long), "Backups a-very-long-name-of-an-a"),
            (Some("Backups"), other, Some("L\u{f6}hne [prod]"), "Backups L?hne (prod)"),
            (Some("A label of thirty-two characters"), other, Some("prod-crm"), "A label of thirty-two characters"),
            (Some("Backups"), own, Some("hub"), "Backups"),
        ];
        for (label, account, name, expected) in table {
            let place = Label::of_place(own, "eu-west-1");
            let stack = Stack {
                label: label.map_or(place, |label| Label::parse(label).unwrap()),
                account: own.into(),
                region: "eu-west-1".into(),
                verify_function: "night-one-verify".into(),
                runbook: None,
                verify_mode: VerifyMode::Run,
            };
            let told = of_account(&stack, &Scope::aws(account, "eu-central-1"), name);
            assert_eq!(told.label.as_str(), expected);
            assert!(told.label.as_str().len() <= Label::LONGEST);
            assert_eq!((told.account, told.region), (stack.account, stack.region), "claims go to the stack");
        }
    }
}
