//! Headers and footers of sheets, whose text has codes in between.

/// The text as it is printed: codes of fonts and colours are left out, those of the three parts are lines.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, code)) = rest.split_once('&') {
        plain.push_str(before);
        let Some(first) = code.chars().next() else { return plain };
        let behind = &code[first.len_utf8()..];
        rest = match first {
            '&' => {
                plain.push('&');
                behind
            }
            // The font is scanned, too.
            '"' => {
                let (font, behind) = behind.split_once('"').unwrap_or((behind, ""));
                plain.insert(0, '\n');
                plain.insert_str(0, font);
                behind
            }
            'K' => behind.get(6..).unwrap_or_default(),
            'B' | 'I' | 'U' | 'E' | 'S' | 'X' | 'Y' | 'O' | 'H' => behind,
            '0'..='9' => behind.trim_start_matches(|c: char| c.is_ascii_digit()),
            _ => {
                plain.push('\n');
                behind
            }
        };
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        let table = [
            ("&Lleft &B4000&B 0044&Rright", "\nleft 4000 0044\nright"),
            ("&C&\"Arial,Bold\"&12 R&&D", "Arial,Bold\n\n R&D"),
            ("&K00FF00card&P&", "card\n"),
            ("plain", "plain"),
        ];
        for (text, expected) in table {
            assert_eq!(plain(text), expected);
        }
    }
}
