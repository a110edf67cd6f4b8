//! A terminal that is drawn again and again, and given back at the end.

use std::io::Write;

use console::Term;

use crate::cli::output::Output;

/// The other screen of a terminal, without a cursor.
pub(super) struct Screen(Term);

impl Screen {
    /// The terminal's other screen, if the output is one.
    pub(super) fn new(output: Output) -> Option<Self> {
        let term = Term::stdout();
        if !term.is_term() || !output.is_watched() {
            return None;
        }
        let mut screen = Self(term);
        screen.write("\u{1b}[?1049h\u{1b}[?25l");
        Some(screen)
    }

    /// Draws lines, as many and as much of them as there is room for.
    pub(super) fn show(&mut self, lines: &[String]) {
        let (rows, columns) = self.0.size();
        // One write, so that nothing flickers.
        let mut text = "\u{1b}[H".to_owned();
        for (at, line) in lines.iter().take(usize::from(rows)).enumerate() {
            if at > 0 {
                text += "\r\n";
            }
            text += &console::truncate_str(line, usize::from(columns), "…");
            text += "\u{1b}[K";
        }
        text += "\u{1b}[J";
        self.write(&text);
    }

    fn write(&mut self, text: &str) {
        // A terminal that is gone shows nothing.
        let _ = self.0.write_all(text.as_bytes());
        let _ = self.0.flush();
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.write("\u{1b}[?25h\u{1b}[?1049l");
    }
}
