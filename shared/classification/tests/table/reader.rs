//! What the build script refuses, and that it names the file: the one place where a data file can be wrong.

use crate::{read, write};
use std::path::Path;

type Texts = Vec<(String, String)>;

/// The folder's own files, with one text of one of them replaced.
fn reading(path: &str, from: &str, to: &str) -> Result<String, String> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |path: &str| std::fs::read_to_string(home.join(path)).unwrap();
    let changed = |name: &str| {
        let text = text(name);
        if name != path {
            return text;
        }
        assert!(text.contains(from), "{path} has no {from}");
        text.replacen(from, to, 1)
    };
    let folder = |folder: &str| -> Texts {
        let mut names: Vec<String> = std::fs::read_dir(home.join(folder))
            .unwrap()
            .map(|file| format!("{folder}/{}", file.unwrap().file_name().into_string().unwrap()))
            .collect();
        names.sort();
        names.into_iter().map(|name| (name.clone(), changed(&name))).collect()
    };
    let files =
        read::texts(&folder("root-causes"), &folder("error-codes"), &changed("words.toml"), &folder("azure-codes"))?;
    write::table(&files)
}

#[test]
fn the_files_as_they_are_make_a_table() {
    let table = reading("", "", "").unwrap();
    assert!(table.contains("Class::KmsPolicyDenied => "), "{}", table.len());
}

#[test]
fn mistakes_are_refused_with_the_name_of_the_file() {
    let kms = "root-causes/kms-policy-denied.toml";
    let table = [
        (kms, "confidence = \"certain\"", "confidence = \"sure\"", "confidence is \"sure\""),
        (kms, "rerun = \"probe\"", "rerun = \"maybe\"", "rerun is \"maybe\""),
        (kms, "short = \"Key policy refuses the role\"\n", "", "it needs a \"short\""),
        (kms, "[[fix]]", "[[fixes]]", "fixes"),
        (kms, "id = \"kms-policy-denied\"", "id = \"kms-denied\"", "its id is \"kms-denied\""),
        (kms, "over = [\"resource-state\"", "over = [\"iam\"", "there is no class \"iam\""),
        (kms, "rule = \"kms-", "rule = \"kms-no-such-", "rule is \"kms-no-such-"),
        (kms, "any = [", "any = [\"<nothing> is\", ", "no set <nothing>"),
        (kms, "any = [", "any = [\"at\", ", "is too short"),
        (kms, "any = [", "any = [\"the\", ", "has a part without a word"),
        ("root-causes/window-expired.toml", "states = [\"EXPIRED\"]", "states = [\"LATE\"]", "state is \"LATE\""),
        (
            "root-causes/window-expired.toml",
            "states = [\"EXPIRED\"]",
            "states = []",
            "neither phrases nor codes nor states",
        ),
        ("root-causes/resource-not-found.toml", "jobs = [\"copy\", ", "jobs = [\"sync\", ", "job is \"sync\""),
        (
            "root-causes/resource-not-found.toml",
            "confidence = \"likely\"",
            "confidence = \"certain\"",
            "likely at most",
        ),
        (
            "root-causes/access-denied-unspecified.toml",
            "over = [\"iam-permission-missing\"]",
            "over = [\"kms-policy-denied\"]",
            "wins over itself",
        ),
        (
            "error-codes/kms.toml",
            "class = \"kms-key-unusable\"",
            "class = \"kms-key\"",
            "there is no class \"kms-key\"",
        ),
        ("error-codes/kms.toml", "service = \"kms\"", "service = \"key\"", "error-codes/key.toml"),
        ("error-codes/kms.toml", "{ class = \"kms-key-unusable\" }", "{}", "either a class, or why it is open"),
        ("error-codes/families.toml", "form = \"*Throttl*\"", "form = \"Throttl\"", "no star"),
        (kms, "\n[azure]\n", "\n[azure]\ncolour = \"blue\"\n", "colour"),
        (kms, "\n[[azure.fix]]", "\n[[azure.fixes]]", "fixes"),
        (kms, "id = \"az-", "rule = \"az-", "rule"),
        (kms, "wins = \"kms-key-unusable\"", "wins = \"kms\"", "there is no class \"kms\""),
        (
            "azure-codes/services.toml",
            "class = \"agent-unhealthy\"",
            "class = \"agent\"",
            "there is no class \"agent\"",
        ),
        ("azure-codes/services.toml", "transient = \"no\"", "transient = \"maybe\"", "transient is \"maybe\""),
        ("azure-codes/servers.toml", "number = \"34506\"", "number = \"many\"", "many: invalid digit"),
        ("azure-codes/servers.toml", "number = \"41\"", "number = \"42\"", "its number stands twice"),
        (
            "azure-codes/services.toml",
            "name = \"ResourceNotFound\"",
            "name = \"BackUpOperationFailed\"",
            "stands twice",
        ),
        ("words.toml", "[same]", "[alike]", "alike"),
    ];
    for (path, from, to, problem) in table {
        let error = reading(path, from, to).unwrap_err();
        assert!(error.starts_with(path) && error.contains(problem), "{path}: {from} -> {to}: {error}");
    }
}
