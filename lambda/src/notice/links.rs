//! What a reader of mails makes a link of.
//!
//! | what | such as | what gets an escape |
//! |---|---|---|
//! | an address with its scheme | `https://evil.example` | both slashes |
//! | one without it | `WWW.evil.example` | the dot behind `www`, in any case |
//! | an address of mail | `desk@evil.example` | the `@` before a letter or digit |
//! | a host with a path, a port or a question | `evil.example/reset.csv` | the dot before its last label |
//!
//! A name with a dot and nothing behind it stays, though some readers take `evil.example` for a host: it is what names of files
//! are like, and an escape in each of them would have nobody read them.

/// The text in which these signs are escapes.
pub(super) fn defused(text: &str, escape: impl Fn(char) -> String) -> String {
    let mut defused = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let (before, behind) = (&text[..at], &text[at + c.len_utf8()..]);
        let links = match c {
            '/' => is_of_scheme(before, behind),
            '@' => behind.starts_with(char::is_alphanumeric),
            '.' => is_behind_www(before) || is_host(before, behind),
            _ => false,
        };
        if links { defused.push_str(&escape(c)) } else { defused.push(c) }
    }
    defused
}

/// Whether a slash is one of the two in `://`.
fn is_of_scheme(before: &str, behind: &str) -> bool {
    before.ends_with(":/") || before.ends_with(':') && behind.starts_with('/')
}

fn is_behind_www(before: &str) -> bool {
    before.len().checked_sub(3).and_then(|at| before.get(at..)).is_some_and(|www| www.eq_ignore_ascii_case("www"))
}

/// Whether a dot stands between two labels of a host, of which the last one is a word, with something of an address behind it.
fn is_host(before: &str, behind: &str) -> bool {
    let word = behind.split(|c: char| !c.is_alphanumeric() && c != '-').next().unwrap_or_default();
    before.ends_with(char::is_alphanumeric)
        && word.chars().nth(1).is_some()
        && word.starts_with(char::is_alphabetic)
        && behind[word.len()..].starts_with(['/', ':', '?', '#'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_a_link_has_an_escape() {
        for (text, expected) in [
            ("https://evil.example", r"https:\/\/evil.example"),
            ("HTTPS://a/b://c", r"HTTPS:\/\/a/b:\/\/c"),
            ("www.evil.com.csv", r"www\.evil.com.csv"),
            ("WWW.evil.com.csv", r"WWW\.evil.com.csv"),
            ("a/wWw.evil.com/b", r"a/wWw\.evil\.com/b"),
            ("helpdesk@evil-login.com", r"helpdesk\@evil-login.com"),
            ("mailto:a.b+c@d.example/x", r"mailto:a.b+c\@d\.example/x"),
            ("evil-login.com/reset.csv", r"evil-login\.com/reset.csv"),
            ("a evil.co.uk:80/x, evil.de?x, évil.рф#x", r"a evil.co\.uk:80/x, evil\.de?x, évil\.рф#x"),
        ] {
            assert_eq!(defused(text, |c| format!("\\{c}")), expected);
        }
    }

    /// Names of files and folders are read as they are.
    #[test]
    fn what_is_no_link_stays() {
        for text in [
            "in/2026-11/a.csv",
            "v1.2/a.csv",
            "a.csv (byte 40): row 3",
            "a@ b",
            "@",
            ".",
            "a..b",
            "x.d/y",
            ".hidden/a",
            "s3/k.csv",
            "awww",
            "é.csv",
            "",
        ] {
            assert_eq!(defused(text, |_| "!".into()), text);
        }
    }
}
