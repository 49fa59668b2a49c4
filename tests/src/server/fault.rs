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
    /// It is done after so many milliseconds.
    Delay(u64),
    /// It is done, but the answer cannot be parsed.
    Malformed,
}

/// How often it goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    Always,
    Times(u32),
}

#[derive(Default)]
pub(crate) struct Faults(Vec<Planned>);

struct Planned {
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
        self.0.push(Planned { service, operation, asking, fault, repeat });
    }

    /// The fault that this call meets, counted as used.
    pub(crate) fn next(&mut self, service: &str, operation: &str, detail: &str) -> Option<Fault> {
        let fits = |planned: &&mut Planned| {
            planned.service == service
                && (planned.operation == "*" || planned.operation == operation)
                && detail.contains(&planned.asking)
                && planned.repeat != Repeat::Times(0)
        };
        let planned = self.0.iter_mut().find(fits)?;
        if let Repeat::Times(left) = &mut planned.repeat {
            *left -= 1;
        }
        Some(planned.fault)
    }
}
