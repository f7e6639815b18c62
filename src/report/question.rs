//! What a person is asked on the terminal, whatever is redirected: `down 2>&1 | tee log` has one, too.

use super::layout::wrapped;
use super::text::{UNICODE, printable, shortened};
use crate::deploy::event::{Question, Typed};
use crate::outcome::failure::Failure;
use crate::outcome::interrupt::Interrupt;
use console::Term;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use tokio::sync::oneshot;

/// The terminal of this process.
pub struct Terminal(File);

impl Terminal {
    /// The terminal, if there is one: a pipeline, `ssh host cvault …` and cron have none.
    #[must_use]
    pub fn open() -> Option<Self> {
        OpenOptions::new().read(true).write(true).open("/dev/tty").ok().map(Self)
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// The answer is no, or the run was interrupted meanwhile.
    pub async fn ask(self, question: &Question, interrupt: &Interrupt) -> Result<(), Failure> {
        let refused = |why: &str| {
            let fix = match &question.typed {
                Some(Typed { what, .. }) => format!("type {what} as it is, or pass --yes"),
                None => "answer y, or pass --yes".into(),
            };
            Failure::refused(&question.what, why, fix)
        };
        match self.answer(&prompt(question, width()), interrupt).await.map_err(|error| refused(&error.to_string()))? {
            Some(answer) if confirms(question, &answer) => Ok(()),
            Some(_) => Err(refused("it was not confirmed")),
            None => Err(refused("the run was interrupted before it was confirmed")),
        }
    }

    /// Asks for a word.
    ///
    /// # Errors
    /// There is none, or the run was interrupted meanwhile.
    pub async fn read(self, prompt: &str, interrupt: &Interrupt) -> Result<String, Failure> {
        let none = |why: &str| Failure::new("read the answer", why, "run the same command again, and type it");
        let answer = self.answer(prompt, interrupt).await.map_err(|error| none(&error.to_string()))?;
        let answer = answer.ok_or_else(|| none("the run was interrupted"))?.trim().to_owned();
        if answer.is_empty() { Err(none("it is empty")) } else { Ok(answer) }
    }

    /// What is typed; `None` where the run was interrupted.
    async fn answer(self, prompt: &str, interrupt: &Interrupt) -> io::Result<Option<String>> {
        let mut terminal = self.0;
        write!(terminal, "{prompt}")?;
        let (sender, answer) = oneshot::channel();
        // A thread that nobody waits for: an interrupted run ends while it still reads.
        std::thread::spawn(move || sender.send(line(&terminal)));
        match interrupt.during(answer).await {
            Some(Ok(answer)) => answer.map(Some),
            Some(Err(_)) => Ok(Some(String::new())),
            None => Ok(None),
        }
    }
}

fn line(terminal: &File) -> io::Result<String> {
    let mut answer = String::new();
    BufReader::new(terminal).read_line(&mut answer)?;
    Ok(answer)
}

/// How wide the terminal is, as far as one of the streams is on it.
fn width() -> usize {
    let sizes = [Term::stderr().size_checked(), Term::stdout().size_checked()];
    sizes.into_iter().flatten().next().map_or(80, |(_, columns)| columns.into())
}

/// What is about to happen, and what to answer.
fn prompt(Question { what, facts, typed }: &Question, width: usize) -> String {
    let line = |text: &str, indent: usize| {
        let words = printable(text)
            .split(' ')
            .map(|word| shortened(word, width.saturating_sub(4), &UNICODE))
            .collect::<Vec<_>>();
        wrapped(&format!("{:indent$}{}", "", words.join(" ")), width).join("\n") + "\n"
    };
    let facts: String = facts.iter().map(|fact| line(fact, 2)).collect();
    let ask = match typed {
        Some(Typed { what, .. }) => format!("type {what} to go on: "),
        None => "go on? [y/N] ".to_owned(),
    };
    format!("{}{facts}{ask}", line(&format!("about to {what}:"), 0))
}

fn confirms(question: &Question, answer: &str) -> bool {
    match &question.typed {
        Some(Typed { text, .. }) => answer.trim() == text,
        None => ["y", "yes"].contains(&answer.trim().to_lowercase().as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    fn question(typed: Option<&str>) -> Question {
        let facts =
            vec!["stack demo (626fa970) in 123456789012/eu-west-1".into(), "12 versions in cv-vault, for good".into()];
        Question {
            what: "remove stack demo".into(),
            facts,
            typed: typed.map(|text| Typed { what: "the stack's name", text: text.into() }),
        }
    }

    #[test]
    fn data_go_only_where_the_name_is_typed() {
        assert!(confirms(&question(None), "y\n") && confirms(&question(None), " YES \n"));
        assert!(!confirms(&question(None), "\n") && !confirms(&question(None), "demo\n"));
        assert!(confirms(&question(Some("demo")), "demo\n"));
        assert!(!confirms(&question(Some("demo")), "y\n") && !confirms(&question(Some("demo")), ""));
    }

    #[test]
    fn the_question_says_what_goes() {
        assert_snapshot!(prompt(&question(Some("demo")), 80), @r"
        about to remove stack demo:
          stack demo (626fa970) in 123456789012/eu-west-1
          12 versions in cv-vault, for good
        type the stack's name to go on: 
        ");
    }

    /// A key is as long as its sender wants.
    #[test]
    fn a_question_is_no_wider_than_the_terminal() {
        let facts = vec![
            format!("{:?}: HAS_FINDINGS", "k".repeat(1_024)),
            "1234567 of them only requested now, and released once another releaser confirms it".into(),
        ];
        let what = "take back what is requested of the held versions below a folder with a long name (release)".into();
        let text = prompt(&Question { what, facts, typed: None }, 80);
        assert!(text.lines().all(|line| console::measure_text_width(line) <= 80), "{text}");
        assert!(text.contains("\"kkk") && text.contains("kkk\":"), "both ends are shown: {text}");
    }
}
