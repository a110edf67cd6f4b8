//! What somebody probably meant who wrote a name that does not exist.

/// Longer names are not compared: no name of the language comes near, and comparing takes the product of the lengths.
const COMPARED_CHARS_MAX: usize = 64;

/// More names than this are not compared, so that a file full of names stays cheap.
const COMPARED_NAMES_MAX: usize = 1_000;

/// More names than this are not listed in a help line.
pub(crate) const LISTED_MAX: usize = 12;

/// The known name that differs least from `name`, if it differs little.
pub(crate) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if name.chars().count() > COMPARED_CHARS_MAX {
        return None;
    }
    let wanted = name.to_lowercase();
    // A third of the letters wrong is a slip; more is another word.
    let most = (wanted.chars().count() / 3).max(1);
    known
        .into_iter()
        .take(COMPARED_NAMES_MAX)
        .filter(|known| known.len() <= COMPARED_CHARS_MAX)
        .map(|known| {
            let distance = strsim::osa_distance(&wanted, &known.to_lowercase());
            // Of two equally near names, the one of the same length: letters are mistaken more often than lost.
            (distance, known.len().abs_diff(name.len()), known)
        })
        .filter(|(distance, ..)| *distance <= most)
        .min_by_key(|(distance, longer, _)| (*distance, *longer))
        .map(|(.., known)| known)
}

/// A help line: the nearest of the known names, or all of them if none is near and they are few.
pub(crate) fn help(name: &str, known: &[&str]) -> Option<String> {
    match nearest(name, known.iter().copied()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if known.is_empty() || known.len() > LISTED_MAX => None,
        None => Some(format!("use {}", listed(known, "or"))),
    }
}

/// Names in a sentence: `` `a`, `b` or `c` ``.
pub(crate) fn listed(names: &[&str], last: &str) -> String {
    match names {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [first @ .., end] => {
            let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} {last} `{end}`", first.join(", "))
        }
    }
}

/// A text of the file as it may stand in a message: on one line and not endless.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN_CHARS: usize = 48;
    let mut shown: String = text
        .chars()
        .take(SHOWN_CHARS)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(SHOWN_CHARS).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}
