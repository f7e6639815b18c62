//! A period as one HTML page: no script, no font, no picture and no address of anybody else's, so that it can be kept,
//! mailed and printed.

use super::bars::{bars, escaped, spread};
use super::period as words;
use super::plots::{costs, files, sizes};
use super::text::{bytes, capitalized};
use crate::outcome::failure::Failure;
use crate::outcome::period::Period;
use anyhow::Result;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

const STYLE: &str = include_str!("page.css");

/// A file that the page can be written to.
#[derive(Debug)]
pub struct Page {
    path: PathBuf,
    file: File,
}

impl Page {
    /// Opens the file; what is in it stays until the page is written.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn open(path: &Path) -> Result<Self> {
        let opened = OpenOptions::new().write(true).create(true).truncate(false).open(path);
        let file = opened.map_err(|error| {
            let fix = "pass a file in a folder that is there and that you may write to";
            Failure::usage(format!("write the page {}", path.display()), error.to_string(), fix)
        })?;
        Ok(Self { path: path.into(), file })
    }

    /// Writes the page.
    ///
    /// # Errors
    /// The disk is full, for example.
    pub fn write(mut self, period: &Period) -> Result<()> {
        let page = html(period);
        let written = self.file.write_all(page.as_bytes()).and_then(|()| {
            // A longer page was there before.
            if self.file.metadata()?.is_file() { self.file.set_len(page.len() as u64) } else { Ok(()) }
        });
        written.map_err(|error| {
            let what = format!("write the page {}", self.path.display());
            Failure::new(what, error.to_string(), "make room, then run the same command again").into()
        })
    }
}

/// The page.
fn html(period: &Period) -> String {
    let Period { stack, id, account, region, since, until, .. } = period;
    let title = escaped(&format!("{stack} ({id})"));
    let place = escaped(&format!("{account}/{region}, {since} to {until}"));
    let wrong = words::wrong(&period.failures);
    let failures = match &wrong {
        Some(wrong) => format!("<p class=bad><strong>Failures:</strong> {}</p>", escaped(wrong)),
        None => "<p>No failures.</p>".into(),
    };
    let waits = words::waits(&period.failures).unwrap_or_else(|| "nothing".into());
    let waits = sentence(&format!("waiting to be judged now: {waits}"));
    let took = words::took(period).map(|took| sentence(&took)).unwrap_or_default();
    let spans = period.time_to_verdict.as_ref().map(|times| &times.spread[..]).unwrap_or_default();
    let lists = [
        bars("Verdicts", "Verdict", &period.statuses),
        bars("Formats", "Format", &period.formats),
        bars("Why files were held", "Reason", &period.reasons),
        spread("From upload to verdict", spans),
        bars("What is held now", "Verdict", &period.held.statuses),
        bars("Why it is held now", "Reason", &period.held.reasons),
        bars("Held for how long", "Age", &period.held.ages),
    ];
    format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <meta http-equiv=content-security-policy content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>cvault: {title}</title><style>{STYLE}</style></head><body><main>\
         <h1>{title}</h1><p>{place}</p>{}{}{}{took}{failures}{waits}<div class=lists>{}</div>{}{}</main></body></html>\n",
        tiles(period),
        sentence(&words::judged(period)),
        [files(&period.days), sizes(&period.days), costs(&period.days)].concat(),
        lists.concat(),
        sentence(&words::decided(period)),
        sentence(&words::cost(period)),
    )
}

/// The numbers to look at first.
fn tiles(period: &Period) -> String {
    let median = period.time_to_verdict.as_ref().map(|times| words::whole(times.median));
    let tiles = [
        (period.judged.count.to_string(), "files judged"),
        (bytes(period.judged.bytes), "read"),
        (period.held.all.count.to_string(), "held now"),
        (period.failures.waiting.to_string(), "waiting in ingress"),
        (median.unwrap_or_else(|| "–".into()), "median to verdict"),
        (format!("{:.2} USD", period.cost.usd), "for these files"),
    ];
    let tiles = tiles.map(|(number, what)| format!("<div><dt>{what}</dt><dd>{number}</dd></div>"));
    format!("<dl>{}</dl>", tiles.concat())
}

fn sentence(text: &str) -> String {
    format!("<p>{}.</p>", escaped(&capitalized(text)))
}

#[cfg(test)]
mod browser;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::failure::Exit;
    use crate::report::sample;

    /// It needs nothing else, and nothing in it is anybody's but ours: a reason is what a sender wrote.
    #[test]
    fn it_stands_alone_and_runs_nothing() {
        let page = html(&sample::period());
        for none in [
            "<script",
            "http://",
            "https://",
            "url(h",
            "url(/",
            "url('",
            "url(\"",
            "@import",
            "src=",
            "<b>\u{202e}",
            "<link",
        ] {
            assert!(!page.contains(none), "{none}");
        }
        assert!(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"));
        assert!(page.contains("&lt;b&gt;\\u{202e}csv: row N has N fields"), "{page}");
    }

    /// What the terminal says stands in it, too.
    #[test]
    fn it_says_what_the_terminal_says() {
        let page = html(&sample::period());
        for part in [
            "610 files were judged",
            "half within 3s",
            "4 released",
            "2 executions failed",
            "<dt>waiting in ingress</dt><dd>3</dd>",
            "Waiting to be judged now: 3 files in ingress, 2 files for the next job of Macie&#39;s.",
            "0.06 USD",
            "CREDIT_CARD_NUMBER",
        ] {
            assert!(page.contains(part), "{part}");
        }
        let empty = html(&Period::default());
        assert!(
            empty.contains("No failures.") && empty.contains("now: nothing.") && !empty.contains("<svg"),
            "{empty}"
        );
    }

    /// Every plot has its numbers as a table and its words, and every table says what it is about.
    #[test]
    fn whoever_listens_gets_it_too() {
        let page = html(&sample::period());
        assert_eq!(page.matches("<svg").count(), page.matches("role=img aria-label=").count());
        assert_eq!(page.matches("<svg").count(), page.matches("<details>").count());
        assert_eq!(page.matches("<section>").count(), page.matches("<caption>").count());
        assert!(page.contains("<html lang=en>") && page.matches("<h1>").count() == 1);
    }

    /// A title at the foot of a sheet, and its plot on the next one, are of no use to each other.
    #[test]
    fn on_paper_a_title_stands_with_its_plot() {
        let paper = STYLE.lines().find(|line| line.starts_with("@media print")).unwrap();
        for rule in ["figcaption{break-after:avoid}", "section,svg,figure,dl>div{break-inside:avoid}"] {
            assert!(paper.contains(rule), "{rule}");
        }
    }

    #[test]
    fn a_shorter_page_leaves_nothing_of_a_longer_one() {
        let path = std::env::temp_dir().join(format!("cvault-page-{}.html", std::process::id()));
        Page::open(&path).unwrap().write(&sample::period()).unwrap();
        Page::open(&path).unwrap().write(&Period::default()).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), html(&Period::default()));
        std::fs::remove_file(&path).unwrap();
        let error = Page::open(&path.join("no/such/folder.html")).unwrap_err();
        assert_eq!(error.downcast_ref::<Failure>().unwrap().exit, Exit::Usage);
    }
}
