//! What only a record of Azure tells of a job.

use jiff::{SignedDuration, Timestamp};

/// What an Azure record says beside the members that jobs of both clouds have. Texts are as Azure gave them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AzureRecord {
    /// The ARM id of the item, in lower case. `None` where a job names its item so that it may be another: then nothing can be started for it.
    pub item: Option<String>,
    /// `Backup`, `Backup (Log)`, `Restore`.
    pub operation: String,
    pub error: AzureError,
    /// What the item says of its last operation or backup, where its time fits the job.
    pub health: Vec<AzureError>,
    /// Set where no list has this job: the item alone tells of it.
    pub unlisted: Option<Unlisted>,
}

/// What places a failure that is on no list among those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unlisted {
    /// How far apart the runs of the item are, where its policy tells it.
    pub every: Option<SignedDuration>,
    /// When its last recovery point was made.
    pub last_good: Option<Timestamp>,
}

/// An error of Azure. Which of the members are there depends on the service: MARS gives a text and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AzureError {
    /// The symbolic name: `UserErrorVmNotInDesirableState`. Some records put the name of the machine here.
    pub name: Option<String>,
    /// The number of the error. Zero is none.
    pub number: Option<i64>,
    /// The names of the errors within, the outermost first.
    pub inner: Vec<String>,
    pub text: Option<String>,
    /// Texts that are never translated, and what Azure adds to the text.
    pub more_texts: Vec<String>,
    pub recommendations: Vec<String>,
}

impl AzureRecord {
    /// What stands in brackets behind the operation of SQL and HANA: `Full`, `Log`.
    pub fn backup_type(&self) -> Option<&str> {
        let (_, rest) = self.operation.split_once('(')?;
        rest.split_once(')').map(|(inside, _)| inside.trim()).filter(|inside| !inside.is_empty())
    }
}

impl AzureError {
    /// The text with the name and the number in front of it: what people read, and what they search for.
    pub fn message(&self) -> String {
        let name = self.name.as_deref().unwrap_or_default();
        let number = self.number.map(|number| number.to_string()).unwrap_or_default();
        let head = match (name, number.as_str()) {
            ("", number) => number.to_owned(),
            (name, "") => name.to_owned(),
            (name, number) => format!("{name} ({number})"),
        };
        let texts = self.text.iter().chain(&self.more_texts).map(String::as_str);
        let text = texts.map(str::trim).find(|text| !text.is_empty()).unwrap_or_default();
        match (head.as_str(), text) {
            ("", text) => text.to_owned(),
            (head, "") => head.to_owned(),
            (head, text) => format!("{head}: {text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_name_and_number_in_front_of_its_text() {
        let error = |name: Option<&str>, number, text: Option<&str>| AzureError {
            name: name.map(str::to_owned),
            number,
            text: text.map(str::to_owned),
            ..AzureError::default()
        };
        for (error, expected) in [
            (error(Some("Conflict"), Some(510_008), Some("Wait.")), "Conflict (510008): Wait."),
            (error(Some("Conflict"), None, Some("Wait.")), "Conflict: Wait."),
            (error(None, Some(7), Some("Wait.")), "7: Wait."),
            (error(Some("Conflict"), Some(7), None), "Conflict (7)"),
            (error(None, None, Some("Wait.")), "Wait."),
            (error(None, None, None), ""),
        ] {
            assert_eq!(error.message(), expected);
        }
        let translated = AzureError { more_texts: vec!["Wait.".into()], ..error(None, None, Some(" ")) };
        assert_eq!(translated.message(), "Wait.");
    }

    #[test]
    fn the_type_of_a_backup_stands_behind_its_operation() {
        for (operation, expected) in
            [("Backup (Log)", Some("Log")), ("Backup", None), ("Backup ()", None), ("Backup (Full", None)]
        {
            let record = AzureRecord { operation: operation.into(), ..AzureRecord::default() };
            assert_eq!(record.backup_type(), expected, "{operation}");
        }
    }
}
