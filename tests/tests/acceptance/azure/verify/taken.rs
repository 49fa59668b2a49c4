//! What a person takes away in Azure, and the notice that follows.

use tests::{Published, Simulator, World};

use crate::verify::support::{Played, kinds};

pub(super) const WHO: &str = "alex@contoso.com";

/// What a person did.
pub(super) type Done = fn(&mut World);
/// The severity and the first words of the notice. `None`: no notice goes out.
pub(super) type Told = Option<(&'static str, &'static str)>;

pub(super) fn mails(told: &[Played]) -> Vec<&Published> {
    told.iter().flat_map(|played| &played.mails).collect()
}

pub(super) fn shown(mail: &Published) -> String {
    format!("{}\n\n{}", mail.subject.as_deref().unwrap_or_default(), mail.message)
}

/// `played`: what came of it, for longer than a notice takes.
pub(super) fn is_told_once<const N: usize>(
    table: [(&str, Done, Told); N],
    played: impl Fn(Done) -> (Simulator, Vec<Played>),
) {
    for (what, done, expected) in table {
        let (_, told) = played(done);
        let all = mails(&told);
        assert_eq!(all.len(), usize::from(expected.is_some()), "{what}: {all:#?}");
        let Some((severity, headline)) = expected else { continue };
        assert_eq!(kinds(&told), ["protection"], "{what}");
        let subject = all[0].subject.as_deref().unwrap();
        assert!(subject.contains(severity), "{what}: {subject}");
        assert!(all[0].message.replace('\n', " ").starts_with(headline), "{what}: {}", all[0].message);
    }
}
