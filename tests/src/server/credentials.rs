/// The value that stands for credentials in tests.
pub(crate) const DUMMY: &str = "simulated";

/// Everything by which an SDK would find its way to a real account.
const TELLTALE: [&str; 9] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// Refuses an environment that holds real credentials; names the variable, never its value.
pub fn refuse_real_credentials(lookup: impl Fn(&str) -> Option<String>) -> Result<(), String> {
    let real = |name: &&&str| lookup(name).is_some_and(|value| !value.is_empty() && value != DUMMY);
    match TELLTALE.iter().find(real) {
        Some(name) => Err(format!(
            "the simulator does not start: {name} is set, so a mistake here could reach a real AWS account. \
             Unset it, or set it to \"{DUMMY}\"."
        )),
        None => Ok(()),
    }
}
