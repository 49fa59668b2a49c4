//! Who did it, as far as CloudTrail or the activity log of Azure tells.

use change::{Change, ShowAddress};
use job::Cloud;
use notice::text;

#[derive(Clone, Debug, PartialEq)]
pub enum Who {
    Known(Change),
    /// CloudTrail lists a change after about 5 minutes, at times 15.
    NotYet,
    /// The log names nobody, and may do so later.
    Unnamed,
    /// The log has calls on several things that may be this one.
    Several,
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
            Who::NotYet | Who::Unnamed | Who::Several | Who::Unread { .. } | Who::NotAsked { .. } => None,
        }
    }

    pub(super) fn sentence(&self, show: ShowAddress, cloud: Cloud) -> String {
        let log = match cloud {
            Cloud::Aws => "CloudTrail",
            Cloud::Azure => "the activity log of Azure",
        };
        match self {
            Who::Known(change) => format!("Who did it: {}.", change.sentence(show)),
            Who::NotYet => {
                "Who did it: not yet on record. CloudTrail lists a call after 5 to 15 minutes; the command is below."
                    .to_owned()
            }
            Who::Unnamed => format!("Who did it: not known, because {log} names nobody yet; the command is below."),
            Who::Several => format!(
                "Who did it: not known, because {log} has calls on several items that may be this one; the command is below."
            ),
            Who::Unread { why } => format!("Who did it: {log} could not be read ({}).", text::outside(why, 160)),
            Who::NotAsked { why } => format!("Who did it: not asked, because {}.", text::outside(why, 160)),
        }
    }
}
