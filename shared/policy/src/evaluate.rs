//! What one resource-based policy says about one request.

use std::fmt;

use crate::condition;
use crate::document::{Effect, Patterns, PolicyDocument, Statement};
use crate::principal::Meeting;
use crate::request::Request;
use crate::tri::Tri;
use crate::wildcard::{Letters, matches};

/// Combines all statements; their order never changes the kind of the answer.
///
/// The first that applies: a definite deny; a possible deny (`Unknown`, even if something else allows, since a deny would
/// win); a definite allow; a possible direct allow (`Unknown`, even beside a delegation: if it allows, the identity side
/// need not, so a delegation would be too harsh an answer); a delegation; a possible delegation (`Unknown`); nothing.
///
/// AWS doc: IAM "Policy evaluation logic"; KMS "Key policies" and "Default key policy" for the delegation to the account.
pub fn evaluate(doc: &PolicyDocument, req: &Request) -> Decision {
    let mut found = Found::default();
    for (index, statement) in doc.statements.iter().enumerate() {
        found.add(index, statement, req);
    }
    found.decide()
}

/// The answer of one policy. What cannot be determined is `Unknown`, never an allow and never a deny.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The policy names the principal (or everybody) and allows.
    Allow {
        statement: StatementRef,
    },
    /// The policy allows the account of the principal: the identity side decides.
    Delegated {
        statement: StatementRef,
    },
    ExplicitDeny {
        statement: StatementRef,
    },
    NotAllowed,
    Unknown {
        reason: String,
        statement: StatementRef,
        doubt: Doubt,
    },
}

/// What hangs on the statement that could not be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// It may deny what something else allows, or may allow.
    MayDeny,
    /// It may deny, and no statement allows: the request is refused either way (only a grant could help).
    MayDenyAndNothingAllows,
    /// It may allow; nothing definite does.
    MayAllow,
}

/// A statement, for people: `statement 2 "AllowBackup"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRef {
    /// Counted from 0; shown counted from 1.
    pub index: usize,
    pub sid: Option<String>,
}

impl fmt::Display for StatementRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "statement {}", self.index + 1)?;
        match &self.sid {
            Some(sid) => write!(f, " \"{sid}\""),
            None => Ok(()),
        }
    }
}

/// The first statement of each weight.
#[derive(Debug, Default)]
struct Found {
    deny: Option<StatementRef>,
    may_deny: Option<(StatementRef, String)>,
    allow: Option<StatementRef>,
    may_allow: Option<(StatementRef, String)>,
    delegate: Option<StatementRef>,
    may_delegate: Option<(StatementRef, String)>,
}

impl Found {
    fn add(&mut self, index: usize, statement: &Statement, req: &Request) {
        let at = StatementRef { index, sid: statement.sid.clone() };
        let rest = applies(statement, req);
        match statement.effect {
            Effect::Deny => {
                note(&mut self.deny, &mut self.may_deny, at, Tri::all([statement.who.deny(&req.principal), rest]))
            }
            Effect::Allow => match statement.who.allow(&req.principal) {
                Meeting::Direct => note(&mut self.allow, &mut self.may_allow, at, rest),
                Meeting::Account => note(&mut self.delegate, &mut self.may_delegate, at, rest),
                Meeting::Unknown(why) => {
                    note(&mut self.allow, &mut self.may_allow, at, Tri::all([rest, Tri::Unknown(why)]));
                }
                Meeting::None => {}
            },
        }
    }

    fn decide(self) -> Decision {
        let unknown = |(statement, reason), doubt| Decision::Unknown { reason, statement, doubt };
        let allows = [&self.allow, &self.delegate].into_iter().any(Option::is_some)
            || [&self.may_allow, &self.may_delegate].into_iter().any(Option::is_some);
        match self {
            Self { deny: Some(statement), .. } => Decision::ExplicitDeny { statement },
            Self { may_deny: Some(doubtful), .. } if allows => unknown(doubtful, Doubt::MayDeny),
            Self { may_deny: Some(doubtful), .. } => unknown(doubtful, Doubt::MayDenyAndNothingAllows),
            Self { allow: Some(statement), .. } => Decision::Allow { statement },
            Self { may_allow: Some(doubtful), .. } => unknown(doubtful, Doubt::MayAllow),
            Self { delegate: Some(statement), .. } => Decision::Delegated { statement },
            Self { may_delegate: Some(doubtful), .. } => unknown(doubtful, Doubt::MayAllow),
            _ => Decision::NotAllowed,
        }
    }
}

fn note(sure: &mut Option<StatementRef>, doubtful: &mut Option<(StatementRef, String)>, at: StatementRef, holds: Tri) {
    match holds {
        Tri::Yes => {
            sure.get_or_insert(at);
        }
        Tri::Unknown(why) => {
            doubtful.get_or_insert((at, why));
        }
        Tri::No => {}
    }
}

/// All of a statement but its principal.
fn applies(statement: &Statement, req: &Request) -> Tri {
    let action = match &statement.actions {
        Patterns::Unstated => Tri::Unknown("it names no action".to_owned()),
        stated => listed(stated, &req.action, Letters::AnyCase, "action"),
    };
    let resource = listed(&statement.resources, &req.resource, Letters::Exact, "resource");
    Tri::all([action, resource, condition::hold(&statement.conditions, &req.context)])
}

fn listed(patterns: &Patterns, text: &str, letters: Letters, what: &str) -> Tri {
    let among = |list: &[String]| {
        Tri::any(list.iter().map(|pattern| {
            if pattern.contains("${") {
                Tri::Unknown(format!("its {what} uses a policy variable"))
            } else {
                Tri::from_known(matches(pattern, text, letters))
            }
        }))
    };
    match patterns {
        Patterns::Only(list) => among(list),
        Patterns::AllBut(list) => among(list).not(),
        Patterns::Unstated => Tri::Yes,
        Patterns::Unreadable => Tri::Unknown(format!("its {what} cannot be read")),
    }
}
