//! What can go wrong with a call, and which calls it goes wrong with.

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Refused for its rate; nothing is done.
    Throttle,
    /// An error 500 or 503; nothing is done.
    ServerError,
    /// Refused for lack of permission; nothing is done.
    Denied,
    /// The connection closes; nothing is done.
    Reset,
    /// It is done, but the connection closes before the answer.
    LostResponse,
    /// It is done after this many milliseconds.
    Delay(u64),
    /// Something on the way answers with a page for people and this status; nothing is done.
    Html(u16),
    /// It is done, but the answer cannot be parsed.
    Malformed,
    /// It is done, but the connection closes in the middle of the answer.
    Truncated,
    /// Status 200 and not one byte; nothing is done.
    EmptyBody,
    /// It is done; the answer is well formed, and has none of its members.
    NoMembers,
    /// It is done; states and decisions in the answer are words that nobody knows.
    UnknownWord,
    /// Every page of the list names a next one, which is this page again.
    Pages(Tokens),
    /// The list has a second page, with the items of the first.
    Twice,
    /// Azure alone: refused for its rate, with the seconds to wait; nothing is done.
    ThrottleFor(u64),
    /// Azure alone: the token is not taken; nothing is done.
    Unauthorized,
    /// Azure alone: it is done, and the answer is an error 500.
    DoneAndBroken,
    /// Azure and lists of Organizations, CloudTrail and tags alone: the first page of the list is empty, and names the next one.
    EmptyPage,
}

/// The tokens of a list that never ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokens {
    /// Each is new.
    Endless,
    /// A, B, A, B.
    Round,
    /// A, A, A.
    Same,
}

/// In which accounts and Regions it goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At<'a> {
    /// In all of them.
    Anywhere,
    /// In all Regions of an account. A role is assumed in the hub: name it by [`super::Simulator::fail_asking`].
    Account(&'a str),
    /// In all accounts in a Region.
    Region(&'a str),
    /// In an account in a Region.
    Scope(&'a str, &'a str),
}

/// How often it goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    Always,
    Times(u32),
}

impl Fault {
    /// Longer than any invocation may take.
    const FOR_EVER: u64 = 3_600_000;

    /// Every fault by name.
    pub const ALL: [(&str, Fault); 17] = [
        ("throttle", Fault::Throttle),
        ("500", Fault::ServerError),
        ("denied", Fault::Denied),
        ("reset", Fault::Reset),
        ("lost", Fault::LostResponse),
        ("hang", Fault::Delay(Self::FOR_EVER)),
        ("html 200", Fault::Html(200)),
        ("html 502", Fault::Html(502)),
        ("malformed", Fault::Malformed),
        ("truncated", Fault::Truncated),
        ("empty body", Fault::EmptyBody),
        ("no members", Fault::NoMembers),
        ("enum", Fault::UnknownWord),
        ("endless", Fault::Pages(Tokens::Endless)),
        ("round", Fault::Pages(Tokens::Round)),
        ("same token", Fault::Pages(Tokens::Same)),
        ("twice", Fault::Twice),
    ];

    /// Whether answers to this operation have what the fault spoils: only a list has pages, and few answers have states.
    #[must_use]
    pub fn can_meet(self, operation: &str) -> bool {
        let lists = ["List", "LookupEvents", "GetResources[by tag]", "SimulatePrincipalPolicy"];
        let is_list = lists.iter().any(|list| operation.starts_with(list));
        let has_words = [
            "Jobs",
            "JobSummaries",
            "RecoveryPoint",
            "BackupVaults",
            "DescribeKey",
            "SimulatePrincipalPolicy",
            "ListAccounts",
        ];
        match self {
            Fault::Pages(_) | Fault::Twice => is_list,
            Fault::UnknownWord => has_words.iter().any(|word| operation.contains(word)),
            _ => true,
        }
    }
}

#[derive(Default)]
pub(crate) struct Faults(Vec<Planned>);

struct Planned {
    account: Option<String>,
    region: Option<String>,
    service: String,
    operation: String,
    /// Text that stands in what was asked; empty is in every call.
    asking: String,
    fault: Fault,
    repeat: Repeat,
}

impl Faults {
    pub(crate) fn add(&mut self, service: &str, operation: &str, asking: &str, fault: Fault, repeat: Repeat) {
        let [service, operation, asking] = [service, operation, asking].map(str::to_owned);
        self.0.push(Planned { account: None, region: None, service, operation, asking, fault, repeat });
    }

    pub(crate) fn add_at(&mut self, at: At<'_>, service: &str, operation: &str, fault: Fault, repeat: Repeat) {
        self.add(service, operation, "", fault, repeat);
        let (account, region) = match at {
            At::Anywhere => (None, None),
            At::Account(account) => (Some(account), None),
            At::Region(region) => (None, Some(region)),
            At::Scope(account, region) => (Some(account), Some(region)),
        };
        if let Some(planned) = self.0.last_mut() {
            planned.account = account.map(str::to_owned);
            planned.region = region.map(str::to_owned);
        }
    }

    /// The fault that this call meets, counted as used.
    pub(crate) fn next(&mut self, call: &super::Call) -> Option<Fault> {
        let fits = |planned: &&mut Planned| {
            planned.service == call.service
                && planned.account.as_ref().is_none_or(|account| *account == call.account)
                && planned.region.as_ref().is_none_or(|region| *region == call.region)
                && ["*", &call.operation, &call.name].contains(&planned.operation.as_str())
                && call.detail.contains(&planned.asking)
                && planned.repeat != Repeat::Times(0)
        };
        let planned = self.0.iter_mut().find(fits)?;
        if let Repeat::Times(left) = &mut planned.repeat {
            *left -= 1;
        }
        Some(planned.fault)
    }
}
