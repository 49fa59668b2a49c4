//! A mail that fits, whatever there is to tell: parts that give up their last entries when the whole grows too long.

use crate::layout::heading;
use crate::text::count;

/// Lines of a mail, the empty ones included.
pub const LINES: usize = 80;

/// A part of a mail. Its entries stand by their weight: the last are left out first, and counted.
#[derive(Clone, Debug, Default)]
pub struct Section {
    title: String,
    entries: Vec<Entry>,
    /// Things that no entry tells of.
    others: usize,
    /// Entries that stand as long as other parts can give up theirs.
    kept: usize,
    /// Entries that are never given up.
    needed: usize,
    /// Where to find what is left out: `in the log (rpo_gap)`. Nothing where there is no such place.
    elsewhere: &'static str,
    /// What is left out, in the singular. Nothing where the title says it.
    noun: &'static str,
    turn: Turn,
}

/// When a part gives up entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Turn {
    #[default]
    First,
    /// Once the others have given up what they need not keep.
    Later,
}

/// Which entries of a part the mail shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    All,
    /// Its first entries.
    Part,
    /// Only how many there are.
    None,
}

#[derive(Clone, Debug)]
struct Entry {
    /// One line or several, each ended.
    text: String,
    /// Things that it tells of, and that are counted where it is left out.
    number: usize,
}

impl Section {
    /// A part of which nothing is left out; its text holds its title, if it has one.
    pub fn whole(text: impl Into<String>) -> Self {
        Self { entries: vec![Entry { text: text.into(), number: 1 }], kept: 1, ..Self::default() }
    }

    /// A part without entries is left out with its title.
    pub fn titled(title: impl Into<String>, elsewhere: &'static str) -> Self {
        Self { title: title.into(), kept: 1, elsewhere, ..Self::default() }
    }

    /// This number of entries stands as long as other parts can give up theirs.
    #[must_use]
    pub fn keeping(self, kept: usize) -> Self {
        Self { kept, ..self }
    }

    /// This number of entries is never given up.
    #[must_use]
    pub fn needing(self, needed: usize) -> Self {
        Self { needed, ..self }
    }

    /// What is left out is called so: `finding`.
    #[must_use]
    pub fn counting(self, noun: &'static str) -> Self {
        Self { noun, ..self }
    }

    /// The other sections give up entries first, down to what they must keep. Then this one does, down to its first entry. Then all give up more.
    #[must_use]
    pub fn later(self) -> Self {
        Self { turn: Turn::Later, ..self }
    }

    /// Adds an entry that tells of `number` things, or is one itself.
    pub fn tell(&mut self, text: impl Into<String>, number: usize) {
        self.push(text, number.max(1));
    }

    /// Adds a sentence about the others, which is not counted where it is left out.
    pub fn remark(&mut self, text: impl Into<String>) {
        self.push(text, 0);
    }

    fn push(&mut self, text: impl Into<String>, number: usize) {
        let mut text = text.into();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        self.entries.push(Entry { text, number });
    }

    /// The same with an entry for each. No entry tells of `others` more things.
    #[must_use]
    pub fn with(mut self, entries: impl IntoIterator<Item = String>, others: usize) -> Self {
        entries.into_iter().for_each(|entry| self.tell(entry, 1));
        self.others += others;
        self
    }

    /// The same with entries that each tell of a number of things.
    #[must_use]
    pub fn of(mut self, entries: impl IntoIterator<Item = (String, usize)>) -> Self {
        entries.into_iter().for_each(|(entry, number)| self.tell(entry, number));
        self
    }

    fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.others == 0
    }

    fn lines(&self) -> usize {
        self.text().lines().count()
    }

    fn text(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        let mut text = if self.title.is_empty() { String::new() } else { heading(&self.title) };
        self.entries.iter().for_each(|entry| text += &entry.text);
        if self.others > 0 {
            text += &self.left_out();
        }
        text
    }

    /// Where no entry is left this is a sentence: it stands alone under the title.
    fn left_out(&self) -> String {
        let number = match self.noun {
            "" => self.others.to_string(),
            noun => count(self.others, noun),
        };
        let verb = if self.others == 1 { "is" } else { "are" };
        let all = if self.others == 1 { "" } else { "All " };
        let more = match self.noun {
            "" => format!("and {} more", self.others),
            noun => format!("and {}", count(self.others, &format!("more {noun}"))),
        };
        match (self.entries.is_empty(), self.elsewhere) {
            (true, "") => format!("{number}\n"),
            (true, elsewhere) => format!("{all}{number} {verb} {elsewhere}.\n"),
            (false, "") => format!("{more}\n"),
            (false, elsewhere) => format!("{more}, {elsewhere}\n"),
        }
    }

    /// Which entries the mail shows, if this is the part with that title.
    pub fn told_of(&self, title: &str) -> Option<Extent> {
        let extent = match (self.entries.is_empty(), self.others) {
            (_, 0) => Extent::All,
            (false, _) => Extent::Part,
            (true, _) => Extent::None,
        };
        (self.title == title).then_some(extent)
    }

    /// The same in fewer lines. `None` where it cannot be told in fewer: the line that counts what is left out takes one, too.
    fn shorter(&self) -> Option<Self> {
        let mut shorter = self.clone();
        while shorter.entries.len() > shorter.kept {
            shorter.others += shorter.entries.pop()?.number;
            if shorter.lines() < self.lines() {
                return Some(shorter);
            }
        }
        None
    }
}

/// The parts one after another, in at most `most` lines: the longest part that can gives up its last entries, again and again. Where that is
/// not enough, entries go that should have been kept, and at last, from the end of the mail on, all but the titles and the numbers.
pub fn fit(sections: Vec<Section>, most: usize) -> String {
    text(&fitted(sections, most))
}

/// The parts one after another.
pub fn text(sections: &[Section]) -> String {
    sections.iter().map(Section::text).collect()
}

/// The parts as far as they fit: a sentence that leads to one of them has to know what is left of it.
pub fn fitted(mut sections: Vec<Section>, most: usize) -> Vec<Section> {
    let first = [usize::MAX, 4, 2, 1, 0].map(|kept| (Turn::First, kept));
    let later = [usize::MAX, 4, 2, 1].map(|kept| (Turn::Later, kept));
    let turns = first.iter().take(1).chain(&later).chain(first.iter().skip(1));
    for &(turn, kept) in turns {
        let titled = sections.iter_mut().filter(|section| section.turn == turn && !section.title.is_empty());
        titled.for_each(|section| section.kept = section.kept.min(kept).max(section.needed));
        while sections.iter().map(Section::lines).sum::<usize>() > most {
            let can = sections.iter_mut().filter(|section| section.turn == turn);
            let can = can.filter_map(|section| section.shorter().map(|shorter| (section, shorter)));
            // The parts stand by their weight: those at the end lose their only entry first.
            let gives = if kept == 0 { can.last() } else { can.max_by_key(|(section, _)| section.lines()) };
            let Some((section, shorter)) = gives else { break };
            *section = shorter;
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(title: &str, entries: usize, others: usize) -> Section {
        Section::titled(title, "in the log").with((1..=entries).map(|n| format!("{title} {n}")), others)
    }

    #[test]
    fn what_fits_is_told_whole_and_an_empty_part_not_at_all() {
        let told = fit(vec![Section::whole("All well.\n"), section("A", 2, 0), section("B", 0, 0)], LINES);
        assert_eq!(told, "All well.\n\nA\n-\nA 1\nA 2\n");
    }

    #[test]
    fn the_longest_part_gives_up_its_last_entries_and_counts_them() {
        let mut long = section("A", 3, 4);
        long.tell("A 4\n  of two", 7);
        let told = fit(vec![Section::whole("Bad.\n"), long, section("B", 2, 0)], 13);
        assert_eq!(told, "Bad.\n\nA\n-\nA 1\nA 2\nA 3\nand 11 more, in the log\n\nB\n-\nB 1\nB 2\n");
    }

    #[test]
    fn a_remark_is_no_entry_that_somebody_misses() {
        let mut long = section("A", 9, 0);
        long.remark("All of them since Monday.");
        assert!(fit(vec![long.clone()], LINES).ends_with("A 9\nAll of them since Monday.\n"));
        assert!(fit(vec![long], 8).ends_with("A 4\nand 5 more, in the log\n"));
    }

    #[test]
    fn nothing_is_lost_and_every_mail_fits() {
        for (a, b, most) in [(1, 1, 12), (3, 40, 20), (100, 100, 80), (1_000, 3, 30)] {
            let told = fit(vec![section("A", a, 5), section("B", b, 0)], most);
            assert!(told.lines().count() <= most, "{a}, {b}: {told}");
            for (title, all) in [("A", a + 5), ("B", b)] {
                let part = told.split(&format!("\n{title}\n-\n")).nth(1).unwrap().split("\n\n").next().unwrap();
                let left_out = part.lines().find(|line| line.contains(" in the log"));
                let rest = left_out.and_then(|line| line.split(' ').find(|word| word.starts_with(char::is_numeric)));
                let named = part.lines().filter(|line| line.starts_with(title)).count();
                assert_eq!(named + rest.map_or(0, |rest| rest.parse::<usize>().unwrap()), all, "{told}");
            }
        }
    }

    #[test]
    fn a_part_that_may_go_whole_leaves_its_title_and_its_number() {
        let told = fit(vec![section("A", 9, 0).keeping(0), section("B", 2, 0).keeping(2)], 9);
        assert_eq!(told, "\nA\n-\nAll 9 are in the log.\n\nB\n-\nB 1\nB 2\n");
    }

    #[test]
    fn where_each_part_has_one_entry_the_last_parts_give_theirs_up() {
        let of_two = |title: &str| Section::titled(title, "in the log").with([format!("{title} 1\n  of two")], 0);
        let mut first = section("A", 0, 0);
        first.tell("A 1\n  of three\n  lines", 1);
        let parts = vec![first, section("B", 1, 9).keeping(2), of_two("C"), of_two("D").needing(1)];
        let whole = fit(parts.clone(), LINES);
        assert_eq!(whole.lines().count(), 21);
        let told = fit(parts.clone(), 20);
        assert_eq!(told, whole.replace("C 1\n  of two\n", "1 is in the log.\n"));
        assert!(fit(parts, 1).ends_with(
            "\nA\n-\n1 is in the log.\n\nB\n-\nAll 10 are in the log.\n\nC\n-\n1 is in the log.\n\nD\n-\nD 1\n  of two\n"
        ));
    }

    #[test]
    fn what_comes_later_goes_after_what_need_not_be_kept_and_before_what_should_be() {
        let parts = || vec![section("A", 9, 0).keeping(9).counting("step").later(), section("B", 9, 0).keeping(3)];
        let told = |most| {
            let told = fit(parts(), most);
            let left = |title: &str| told.lines().filter(|line| line.starts_with(&format!("{title} "))).count();
            (left("A"), left("B"))
        };
        let expected = [(9, 9), (9, 3), (7, 3), (4, 3), (1, 3), (1, 1), (1, 0)];
        assert_eq!([24, 19, 18, 15, 12, 10, 9].map(told), expected);
        assert!(fit(parts(), 18).contains("A 7\nand 2 more steps, in the log\n"));
        let mut one = section("A", 1, 0).counting("step").later();
        one.tell("A 2\n  of two lines", 1);
        assert!(fit(vec![one], 5).ends_with("A 1\nand 1 more step, in the log\n"));
    }

    #[test]
    fn what_should_be_kept_goes_last() {
        let parts = |kept| vec![section("A", 9, 0).keeping(kept), section("B", 9, 0).keeping(0)];
        assert_eq!(fit(parts(3), 11), "\nA\n-\nA 1\nA 2\nA 3\nand 6 more, in the log\n\nB\n-\nAll 9 are in the log.\n");
        let told = fit(parts(9), 8);
        assert_eq!(told, "\nA\n-\nAll 9 are in the log.\n\nB\n-\nAll 9 are in the log.\n");
    }
}
