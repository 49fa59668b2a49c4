//! Who did it, as far as CloudTrail tells.

use change::{Change, ShowAddress};
use notice::text;

#[derive(Clone, Debug, PartialEq)]
pub enum Who {
    Known(Change),
    /// CloudTrail lists a change after about 5 minutes, at times 15.
    NotYet,
    Unread {
        why: String,
    },
    /// Nobody may look there.
    NotAsked {
        why: String,
    },
}

impl Who {
    pub fn change(&self) -> Option<&Change> {
        match self {
            Who::Known(change) => Some(change),
            Who::NotYet | Who::Unread { .. } | Who::NotAsked { .. } => None,
        }
    }

    pub(super) fn sentence(&self, show: ShowAddress) -> String {
        match self {
            Who::Known(change) => format!("Who did it: {}.", change.sentence(show)),
            Who::NotYet => {
                "Who did it: not yet on record. CloudTrail lists a call after 5 to 15 minutes; the command is below."
                    .to_owned()
            }
            Who::Unread { why } => format!("Who did it: CloudTrail could not be read ({}).", text::outside(why, 160)),
            Who::NotAsked { why } => format!("Who did it: not asked, because {}.", text::outside(why, 160)),
        }
    }
}
