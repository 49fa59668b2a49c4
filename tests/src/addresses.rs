//! Addresses of a runbook: those that RUNBOOK_URL and the parameter RunbookUrl take, and those that both refuse.

pub fn good() -> Vec<String> {
    let longest = format!("https://wiki.example.com/{}", "x".repeat(275));
    let written = [
        "https://wiki.example.com",
        "https://wiki.example.com/night-one/runbook",
        "https://git.example.com:8443/ops/night-one/-/blob/main/RUNBOOK.md",
        "https://github.com/example/night-one/blob/main/RUNBOOK.md",
        "https://wiki.example.com/pages/viewpage.action?pageId=1234&focus=a,b",
        "https://wiki.example.com/@ops/Night%20One_(runbook)",
    ];
    written.map(str::to_owned).into_iter().chain([longest]).collect()
}

pub fn bad() -> Vec<String> {
    let too_long = format!("https://wiki.example.com/{}", "x".repeat(276));
    let written = [
        "http://wiki.example.com/runbook",
        "HTTPS://wiki.example.com/runbook",
        "javascript:alert(1)",
        "wiki.example.com/runbook",
        "https://",
        "https:///runbook",
        "https://-wiki/runbook",
        "https://user:secret@wiki.example.com/runbook",
        "https://wiki.example.com?page=runbook",
        "https://wiki.example.com/runbook#fix",
        "https://wiki.example.com/the runbook",
        "https://wiki.example.com/runbook\nFIX",
        "https://wiki.example.com/runbook\"x",
        "https://wiki.example.com/runbook'x",
        "https://wiki.example.com/<runbook>",
        "https://wiki.example.com/runbook\\x",
        "https://wiki.example.com/r\u{fc}nbook",
    ];
    written.map(str::to_owned).into_iter().chain([too_long]).collect()
}
