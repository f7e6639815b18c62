//! Makes the fuzzers' first inputs of the tests' samples.

use std::path::Path;
use std::{fs, io};

use classifier_fuzz::NAMES;

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["integrity", "sensitive", "formats", "found"] {
        let Ok(files) = fs::read_dir(root.join("../tests/samples").join(folder)) else { continue };
        for file in files {
            let path = file?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let ends = |known: &&&str| name.ends_with(known.trim_start_matches('a')) && **known != "a";
            // The longest ending counts: `.csv.gz` before `.gz`.
            let known = NAMES.iter().filter(ends).max_by_key(|known| known.len()).unwrap_or(&NAMES[0]);
            let number = NAMES.iter().position(|each| each == known).unwrap_or(0);
            let input = [&[u8::try_from(number).unwrap_or(0), 6], &fs::read(&path)?[..]].concat();
            for target in ["inspect", "ranges"] {
                let corpus = root.join("corpus").join(target);
                fs::create_dir_all(&corpus)?;
                fs::write(corpus.join(format!("{folder}-{name}")), &input)?;
            }
        }
    }
    Ok(())
}
