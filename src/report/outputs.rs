//! What later steps and jobs of a pipeline read: GitHub's file of outputs, and variables in GitLab's dotenv form.

use super::contract::Report;
use super::out::Out;
use crate::deploy::event::{Event, Summary};
use crate::deploy::plan::Plan;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes both at the end.
#[derive(Debug, Default)]
pub struct Outputs {
    /// `GITHUB_OUTPUT`, which other steps write to as well.
    pub github: Option<PathBuf>,
    /// `--dotenv`, which is ours.
    pub dotenv: Option<PathBuf>,
    values: Vec<(&'static str, String)>,
}

impl Outputs {
    /// Into these files.
    #[must_use]
    pub fn new(github: Option<PathBuf>, dotenv: Option<PathBuf>) -> Self {
        Self { github, dotenv, values: vec![] }
    }

    fn take(&mut self, outputs: &BTreeMap<&'static str, String>, changed: bool) {
        self.values = outputs.iter().map(|(name, value)| (*name, value.clone())).collect();
        self.values.push(("changed", changed.to_string()));
    }

    fn lines(&self, name: impl Fn(&str) -> String) -> String {
        self.values.iter().fold(String::new(), |mut text, (key, value)| {
            let _ = writeln!(text, "{}={value}", name(key));
            text
        })
    }
}

impl Report for Outputs {
    fn event(&mut self, event: &Event) {
        if let Event::Summary(summary) = event {
            let Summary { outputs, created, updated, deleted, .. } = summary;
            self.take(outputs, created + updated + deleted > 0);
        }
    }

    fn answer(&mut self, plan: &Plan) {
        self.take(&plan.outputs, plan.changes());
    }

    fn end(&mut self) -> io::Result<()> {
        if self.values.is_empty() {
            return Ok(());
        }
        let appended = self.github.as_deref().map_or(Ok(()), |path| {
            let text = self.lines(str::to_owned);
            OpenOptions::new().append(true).create(true).open(path)?.write_all(text.as_bytes())
        });
        // A later job that runs cvault takes variables of its own name for options.
        let variable = |key: &str| format!("CV_{}", key.to_uppercase());
        let written = self.dotenv.as_deref().map_or(Ok(()), |path| std::fs::write(path, self.lines(variable)));
        told(self.github.as_deref(), appended).and(told(self.dotenv.as_deref(), written))
    }
}

/// A later step would miss them: that they are not there is said, and a failure.
fn told(path: Option<&Path>, result: io::Result<()>) -> io::Result<()> {
    if let (Err(error), Some(path)) = (&result, path) {
        Out::new(io::stderr()).line(format_args!("warning: the outputs are not in {}: {error}", path.display()));
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn both_files_say_the_same() {
        let file = |name: &str| std::env::temp_dir().join(format!("cvault-{name}-{}", std::process::id()));
        let (github, dotenv) = (file("output"), file("dotenv"));
        std::fs::write(&github, "theirs=1\n").unwrap();
        for _ in 0..2 {
            let mut outputs = Outputs::new(Some(github.clone()), Some(dotenv.clone()));
            let outputs_of = BTreeMap::from([("id", "626fa970".to_owned()), ("vault_bucket", "cv-vault".to_owned())]);
            outputs.answer(&Plan { outputs: outputs_of, ..sample::plan() });
            outputs.end().unwrap();
        }
        let ours = "id=626fa970\nvault_bucket=cv-vault\nchanged=true\n";
        assert_eq!(std::fs::read_to_string(&github).unwrap(), format!("theirs=1\n{ours}{ours}"));
        let variables = "CV_ID=626fa970\nCV_VAULT_BUCKET=cv-vault\nCV_CHANGED=true\n";
        assert_eq!(std::fs::read_to_string(&dotenv).unwrap(), variables);
        for path in [github, dotenv] {
            std::fs::remove_file(path).unwrap();
        }
        let mut unwritable = Outputs::new(None, Some("/nowhere/at/all".into()));
        assert!(unwritable.end().is_ok(), "nothing was said");
        unwritable.answer(&sample::plan());
        assert!(unwritable.end().is_err());
    }
}
