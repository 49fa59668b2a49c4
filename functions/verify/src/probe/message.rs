//! On what a denial sentence says that an action was denied. Pure.

/// The ARN behind `on resource:` of IAM's sentence: "... is not authorized to perform: ec2:CreateTags on resource: arn:... because ...".
pub(super) fn denied_resource(text: &str) -> Option<&str> {
    let (_, after) = text.split_once("on resource")?;
    let word = after.trim_start_matches([':', ' ']).split_whitespace().next()?;
    let arn = word.trim_matches(['"', '\'', '[', ']', '(', ')', ',', ';', '.']);
    arn.starts_with("arn:").then_some(arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_of_a_denial_is_read() {
        let snapshot = "arn:aws:ec2:eu-west-1::snapshot/*";
        let table = [
            (
                format!("is not authorized to perform: ec2:CreateTags on resource: {snapshot} because no"),
                Some(snapshot),
            ),
            (format!("is not authorized to perform: ec2:CreateTags on resource: \"{snapshot}\"."), Some(snapshot)),
            ("is not authorized to perform: ec2:CreateTags on resource: * because no".to_owned(), None),
            ("is not authorized to perform: ec2:CreateTags".to_owned(), None),
            ("on resource".to_owned(), None),
        ];
        for (text, expected) in &table {
            assert_eq!(denied_resource(text), *expected, "{text}");
        }
    }
}
