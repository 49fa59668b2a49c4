//! Paths of Windows: what stands in them are names, and between their backslashes may be spaces.

/// Where the path ends that begins here: `D:\Program Files\Backup\Scratch`.
pub(super) fn end(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let [drive, b':', b'\\', ..] = rest.as_bytes() else { return None };
    if !drive.is_ascii_alphabetic() {
        return None;
    }
    let mut end = 3;
    while let Some((folder, _)) = rest.get(end..)?.split_once('\\').filter(|(folder, _)| is_folder(folder)) {
        end += folder.len() + 1;
    }
    let last = rest.get(end..)?.split(ENDS).next()?;
    Some(at + end + last.trim_end_matches(['.', ':']).len())
}

fn is_folder(text: &str) -> bool {
    text.len() <= LONGEST && !text.starts_with(' ') && !text.contains(ENDS_A_FOLDER) && !text.contains(". ")
}

const ENDS: [char; 9] = [' ', ',', ';', '"', '\'', '(', ')', '\n', ']'];
const ENDS_A_FOLDER: [char; 7] = [',', ';', ':', '"', '(', ')', '\n'];

/// Letters between two backslashes.
const LONGEST: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_goes_on_over_the_spaces_in_its_folders() {
        for (text, path) in [
            (r"D:\data.", r"D:\data"),
            (r"C:\Program Files\Backup Agent\Scratch has no space", r"C:\Program Files\Backup Agent\Scratch"),
            (r"D:\ on FS02 and CONTOSO\svc", r"D:\"),
            (r"C:\a, and C:\b", r"C:\a"),
            (r"E:\HR.ldf'. Error", r"E:\HR.ldf"),
        ] {
            assert_eq!(end(text, 0), Some(path.len()), "{text}");
        }
        for text in ["D: is full", "9:\\x", "FS02\\share", ""] {
            assert_eq!(end(text, 0), None, "{text}");
        }
    }
}
