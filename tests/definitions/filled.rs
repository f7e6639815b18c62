//! The documents as AWS gets them, for the checks of others (`tests/models`): in the folder that `CVAULT_FILLED`
//! names, else below cargo's own.

use crate::stack::Stack;
use cvault::vault::definitions;
use serde_json::Value;
use std::path::{Path, PathBuf};

#[test]
fn the_documents_are_written_as_they_are_filled() {
    let own = || Path::new(env!("CARGO_TARGET_TMPDIR")).join("filled");
    let folder = std::env::var_os("CVAULT_FILLED").map_or_else(own, PathBuf::from);
    std::fs::create_dir_all(&folder).unwrap();
    let stack = Stack::new("aws", "eu-west-1", "626fa970").with_macie();
    for definition in definitions::ALL {
        let file = folder.join(Path::new(definition.path).file_name().unwrap());
        std::fs::write(&file, stack.filled(*definition).to_string()).unwrap();
    }
    for definition in definitions::ALL {
        let file = folder.join(Path::new(definition.path).file_name().unwrap());
        let read: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!(read, stack.filled(*definition), "{}: two documents have one name", definition.path);
    }
}
