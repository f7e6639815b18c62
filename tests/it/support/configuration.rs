//! A configuration file of one test, which goes with it.

use super::Stack;
use std::path::PathBuf;

/// The file.
pub struct Configuration(PathBuf);

impl Configuration {
    /// A file that says this.
    pub fn of(stack: &Stack, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cvault-of-{}.toml", stack.names.id));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    /// Its path.
    pub fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Configuration {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
