//! The digest of a file in the text of its companion, as tools write it: alone, with the file's name, or among those of others.
//!
//! | who writes it | how |
//! |---|---|
//! | `sha256sum`, and with a name that has a backslash or a line break | `<digest>  x.csv`, `\<digest>  x\\y.csv` |
//! | BSD's `sha256`, `sha256sum --tag`, `openssl dgst` | `SHA256 (x.csv) = <digest>`, `SHA2-256(x.csv)= <digest>` |
//! | `certutil` | a line of digits, by twos in older ones |
//! | `Get-FileHash` and whoever else | one word of as many digits |

/// A text, by the mark of its encoding: PowerShell 5 writes UTF-16.
pub(super) fn decoded(bytes: &[u8]) -> String {
    let units =
        |of: fn([u8; 2]) -> u16| bytes[2..].chunks_exact(2).map(move |two| of([two[0], two[1]])).collect::<Vec<_>>();
    match bytes {
        [0xff, 0xfe, ..] => String::from_utf16_lossy(&units(u16::from_le_bytes)),
        [0xfe, 0xff, ..] => String::from_utf16_lossy(&units(u16::from_be_bytes)),
        text => String::from_utf8_lossy(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)).into_owned(),
    }
}

/// The digest of the file with this key: that of the line whose name fits it best, or the only one. `None` where there is none,
/// or where nobody can tell which of several it is.
pub(super) fn digest(text: &str, key: &str, digits: usize) -> Option<String> {
    let all: Vec<_> = text.lines().filter_map(|line| Line::of(line, key, digits)).collect();
    if let [only] = &all[..] {
        return Some(only.digest.clone());
    }
    let best = all.iter().map(|line| line.fit).max().filter(|fit| *fit > Fit::default())?;
    let mut best = all.into_iter().filter(|line| line.fit == best).map(|line| line.digest);
    let first = best.next()?;
    best.all(|other| other == first).then_some(first)
}

/// How well a name fits a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// How many names of its path are the key's last ones.
    names: usize,
    /// Whether all of them are.
    is_whole: bool,
}

/// A line with a digest.
struct Line {
    digest: String,
    fit: Fit,
}

impl Line {
    fn of(line: &str, key: &str, digits: usize) -> Option<Self> {
        let line = line.trim_end();
        let (is_escaped, line) = line.strip_prefix('\\').map_or((false, line), |line| (true, line));
        let is_digest = |word: &str| word.len() == digits && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let of = |digest: &str, fit| Some(Self { digest: digest.to_ascii_lowercase(), fit });
        if let Some((digest, name)) = tagged(line).or_else(|| plain(line)).filter(|(digest, _)| is_digest(digest)) {
            let ways =
                if is_escaped { [unescaped(name), String::new()] } else { [name.into(), name.replace('\\', "/")] };
            return of(digest, ways.iter().map(|name| fit_of_any(name, key)).max().unwrap_or_default());
        }
        let joined: String = line.split_whitespace().collect();
        if is_digest(&joined) {
            return of(&joined, Fit::default());
        }
        // Whatever else it says: what is part of the file's own name is none.
        let name = key.rsplit('/').next().unwrap_or(key);
        let named = is_about(line, name);
        let rest = if named { line.replace(name, " ") } else { line.to_owned() };
        let mut words = rest.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| is_digest(word));
        let digest = words.next()?;
        let fit = Fit { names: usize::from(named), is_whole: false };
        if words.all(|other| other.eq_ignore_ascii_case(digest)) { of(digest, fit) } else { None }
    }
}

/// The digest and the name of `SHA256 (name) = digest`.
fn tagged(line: &str) -> Option<(&str, &str)> {
    let (before, digest) = line.rsplit_once('=')?;
    let (_, name) = before.trim_end().strip_suffix(')')?.split_once('(')?;
    Some((digest.trim(), name))
}

/// The digest and the name of `digest  name`.
fn plain(line: &str) -> Option<(&str, &str)> {
    line.trim_start().split_once([' ', '\t'])
}

/// How well a name fits with what stands before it: a blank, or a star where the file was read as a binary one.
fn fit_of_any(name: &str, key: &str) -> Fit {
    let bare = name.trim();
    let names = [name, name.strip_prefix([' ', '*']).unwrap_or(name), bare, bare.strip_prefix('*').unwrap_or(bare)];
    names.iter().map(|name| fit(name, key)).max().unwrap_or_default()
}

fn fit(name: &str, key: &str) -> Fit {
    let name = name.trim_start_matches("./");
    let names = name.rsplit('/').zip(key.rsplit('/')).take_while(|(one, other)| one == other).count();
    Fit { names, is_whole: names > 0 && names == name.split('/').count() }
}

/// A name in which a backslash stands before what it means.
fn unescaped(name: &str) -> String {
    name.replace("\\\\", "\0").replace("\\n", "\n").replace("\\r", "\r").replace('\0', "\\")
}

/// Whether a line names a file, with folders before it or not: and no other one whose name ends so.
fn is_about(line: &str, name: &str) -> bool {
    let ends_name = |c: char| c.is_whitespace() || "()*=/\\\"':,".contains(c);
    line.match_indices(name).any(|(at, _)| {
        line[..at].chars().next_back().is_none_or(ends_name)
            && line[at + name.len()..].chars().next().is_none_or(ends_name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_is_written_by_tools() {
        let (one, other) = ("a".repeat(32), "B".repeat(32));
        for (text, expected) in [
            (one.clone(), Some(&one)),
            (format!("{one}\r\n"), Some(&one)),
            (format!("{one}  a.csv\n"), Some(&one)),
            (format!("{one} *a.csv"), Some(&one)),
            (format!("{one}\ta.csv"), Some(&one)),
            (format!("MD5 (in/a.csv) = {one}"), Some(&one)),
            (format!("MD5(a.csv)= {one}"), Some(&one)),
            (format!("{other}  b.csv\n{one}  a.csv\n"), Some(&one)),
            (format!("{other}  ba.csv\n{one}  in/a.csv\n"), Some(&one)),
            (format!("{other}  ba.csv\n{one}  C:\\in\\a.csv\n"), Some(&one)),
            (format!("{other}  b.csv\n{one}  c.csv\n"), None),
            (format!("{one}0"), None),
            ("done".into(), None),
            (String::new(), None),
            // certutil and Get-FileHash.
            (format!("MD5 hash of a.csv:\n{}\nCertUtil: done.", "aa ".repeat(16)), Some(&one)),
            (format!("Algorithm       Hash       Path\n---    ----   ---\nMD5   {one}   C:\\a.csv\n"), Some(&one)),
            (format!("{{\"name\": \"a.csv\", \"md5\": \"{one}\"}}"), Some(&one)),
        ] {
            assert_eq!(digest(&text, "a.csv", 32).as_ref(), expected, "{text:?}");
        }
        assert_eq!(digest(&other, "a.csv", 32).unwrap(), other.to_lowercase());
        assert_eq!(digest(&one, "a.csv", 64), None);
    }

    /// Files are often named by the digest of something.
    #[test]
    fn a_name_of_digits_is_no_digest() {
        for digits in [32, 64, 128] {
            let (name, one) = ("e".repeat(digits), "a".repeat(digits));
            for file in [format!("{name}.csv"), name.clone(), format!("x-{name}.csv"), format!("x ({name}).csv")] {
                let key = format!("in/{file}");
                for text in [
                    format!("MD5 ({file}) = {one}\n"),
                    format!("\\MD5 ({file}) = {one}\n"),
                    format!("SHA2-256({key})= {one}\n"),
                    format!("SHA2-256(/tmp/{file})= {one}\n"),
                    format!("{one}  {file}\n"),
                    format!("{one} *{key}\n"),
                    format!("{file}: {one}\n"),
                    format!("MD5 ({}.csv) = {}\n{one}  {file}\n", "d".repeat(digits), "c".repeat(digits)),
                ] {
                    assert_eq!(digest(&text, &key, digits).as_ref(), Some(&one), "{text}");
                }
            }
        }
        // Which of two it is, nobody can tell.
        assert_eq!(digest(&format!("md5: {} or {}", "a".repeat(32), "b".repeat(32)), "x.csv", 32), None);
    }

    #[test]
    fn the_longest_path_that_fits_is_meant() {
        let [a, b] = ["a", "b"].map(|digit| digit.repeat(64));
        let two = |one: &str, other: &str| format!("{a}  {one}\n{b}  {other}\n");
        for (text, key, expected) in [
            (two("a/x.csv", "b/x.csv"), "b/x.csv", Some(&b)),
            (two("./a/x.csv", "./b/x.csv"), "a/x.csv", Some(&a)),
            (two("a/x.csv", "b/x.csv"), "in/b/x.csv", Some(&b)),
            (two("q/b/x.csv", "b/x.csv"), "b/x.csv", Some(&b)),
            (two("x.csv", "b/x.csv"), "in/x.csv", Some(&a)),
            (two("/export/a/x.csv", "/export/b/x.csv"), "b/x.csv", Some(&b)),
            (two("a\\x.csv", "b\\x.csv"), "b/x.csv", Some(&b)),
            (format!("SHA256 (a/x.csv) = {a}\nSHA256 (b/x.csv) = {b}"), "b/x.csv", Some(&b)),
            // Ambiguous.
            (two("a/x.csv", "b/x.csv"), "x.csv", None),
            (two("a/x.csv", "b/x.csv"), "in/x.csv", None),
            (two("x.csv", "x.csv"), "x.csv", None),
            (format!("{a}  a/x.csv\n{a}  b/x.csv"), "x.csv", Some(&a)),
        ] {
            assert_eq!(digest(&text, key, 64).as_ref(), expected, "{text} {key}");
        }
    }

    #[test]
    fn names_with_line_breaks_and_backslashes_are_escaped() {
        let [a, b] = ["a", "b"].map(|digit| digit.repeat(64));
        for (name, key) in [("x\\ny.csv", "in/x\ny.csv"), ("x\\\\ny.csv", "in/x\\ny.csv"), ("x\\ry.csv", "x\ry.csv")] {
            let text = format!("\\{b}  other\\\\.csv\n\\{a}  {name}\n{b}  xny.csv\n");
            assert_eq!(digest(&text, key, 64), Some(a.clone()), "{name}");
        }
        assert_eq!(digest(&format!("\\{a}  x\\\\y.csv\n"), "x\\y.csv", 64), Some(a));
    }

    #[test]
    fn a_mark_says_the_encoding() {
        let text = "é x";
        let of = |mark: &[u8], units: Vec<[u8; 2]>| [mark, &units.concat()].concat();
        let units = || text.encode_utf16();
        for bytes in [
            text.as_bytes().to_vec(),
            [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat(),
            of(&[0xff, 0xfe], units().map(u16::to_le_bytes).collect()),
            of(&[0xfe, 0xff], units().map(u16::to_be_bytes).collect()),
        ] {
            assert_eq!(decoded(&bytes), text);
        }
        assert_eq!([decoded(&[]), decoded(&[0xff, 0xfe])], ["", ""]);
    }
}
