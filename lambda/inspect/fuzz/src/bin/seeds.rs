//! Makes the fuzzers' first inputs of the tests' samples.

use std::path::Path;
use std::{fs, io};

use inspect_fuzz::NAMES;

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for target in ["inspect", "ranges", "memory"] {
        let corpus = root.join("corpus").join(target);
        fs::create_dir_all(&corpus)?;
        seed(&root.join("../tests/samples"), &corpus, "")?;
    }
    Ok(())
}

/// Makes an input of each file in a folder and in those inside of it.
fn seed(folder: &Path, corpus: &Path, prefix: &str) -> io::Result<()> {
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let whole = format!("{prefix}{name}");
        if path.is_dir() {
            seed(&path, corpus, &format!("{whole}-"))?;
            continue;
        }
        let ends = |known: &&&str| name.ends_with(known.trim_start_matches('a')) && **known != "a";
        // The longest ending counts: `.csv.gz` before `.gz`.
        let known = NAMES.iter().filter(ends).max_by_key(|known| known.len()).unwrap_or(&NAMES[0]);
        let number = NAMES.iter().position(|each| each == known).unwrap_or(0);
        let input = [&[u8::try_from(number).unwrap_or(0), 6], &fs::read(&path)?[..]].concat();
        fs::write(corpus.join(whole), &input)?;
    }
    Ok(())
}
