//! What a browser makes of the page: without a network, light and dark, at the width of a telephone, and on paper.

use super::html;
use crate::report::sample;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const WIDTHS: [u32; 2] = [320, 1_200];

/// The browser, if there is one.
fn browser() -> Option<PathBuf> {
    let named = std::env::var_os("CVAULT_BROWSER").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = || NAMES.iter().flat_map(|name| std::env::split_paths(&path).map(move |it| it.join(name)));
    named.or_else(|| found().find(|file| file.is_file()))
}

/// What it prints, with these options, of a file; nothing is reached, not even by name.
fn run(browser: &Path, folder: &Path, options: &[&str], file: &str) -> String {
    let mut run = Command::new(browser);
    run.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]);
    run.args(["--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:1", "--virtual-time-budget=5000"]);
    run.arg(format!("--user-data-dir={}", folder.join("profile").display())).args(options);
    let ended = run.arg(format!("file://{}", folder.join(file).display())).output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    String::from_utf8(ended.stdout).unwrap()
}

/// What the page is at each width, where somebody prefers dark (0) or light (1).
fn measured(browser: &Path, folder: &Path, scheme: u8) -> Vec<Value> {
    let preferred = format!("--blink-settings=preferredColorScheme={scheme}");
    let options = ["--enable-blink-features=ComputedAccessibilityInfo", &preferred, "--dump-dom"];
    let dom = run(browser, folder, &options, "harness.html");
    let said = dom.split("<pre>").nth(1).and_then(|rest| rest.split("</pre>").next()).unwrap_or_default();
    let said = percent_decode_str(said).decode_utf8().unwrap();
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {dom}"))
}

#[test]
fn a_browser_shows_all_of_it_to_everybody() {
    let Some(browser) = browser() else {
        // Past what tests gather: it is to be seen.
        let skipped =
            "the page was looked at by no browser: CVAULT_BROWSER names one, or chromium or google-chrome on the PATH";
        writeln!(std::io::stderr(), "skipped: {skipped}").unwrap();
        return;
    };
    let folder = std::env::temp_dir().join(format!("cvault-browser-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let page = html(&sample::period());
    let quoted = json!(page).to_string().replace('<', "\\u003c");
    let script = format!("const WIDTHS = {WIDTHS:?}, PAGE = {quoted};\n{}", include_str!("browser.js"));
    let harness = format!("<!doctype html><meta charset=utf-8><body><pre></pre><script>{script}</script>");
    std::fs::write(folder.join("page.html"), &page).unwrap();
    std::fs::write(folder.join("harness.html"), harness).unwrap();
    for (scheme, paper) in [(0, "rgb(13, 17, 23)"), (1, "rgb(255, 255, 255)")] {
        for shown in measured(&browser, &folder, scheme) {
            assert_eq!((&shown["paper"], &shown["requests"]), (&json!(paper), &json!(0)));
            assert_eq!(shown["scroll"], shown["room"], "{}: the page itself never scrolls sideways", shown["width"]);
            everybody_gets_it(&shown);
        }
    }
    let pdf = folder.join("page.pdf");
    run(&browser, &folder, &[&format!("--print-to-pdf={}", pdf.display())], "page.html");
    assert!(std::fs::read(&pdf).unwrap().starts_with(b"%PDF"));
    std::fs::remove_dir_all(folder).unwrap();
}

/// As a screen reader, a keyboard and a print without colours have it.
fn everybody_gets_it(shown: &Value) {
    let all = |of: &str| shown[of].as_array().unwrap().clone();
    let has = |of: &Value, role: &str| of["role"] == role && of["name"].as_str().is_some_and(|name| !name.is_empty());
    assert!(shown["held"].as_str().unwrap().contains("#h"), "what is held is hatched: {shown:#}");
    assert!(shown["swatch"].as_str().unwrap().contains("gradient"), "so is its mark in the legend: {shown:#}");
    assert_eq!(all("headings").len(), 1);
    assert!(all("headings").iter().all(|it| has(it, "heading")), "{shown:#}");
    assert_eq!((all("figures").len(), all("plots").len(), all("scrolling").len()), (3, 3, 3));
    assert!(all("figures").iter().all(|it| has(it, "figure")), "{shown:#}");
    assert!(all("plots").iter().all(|it| has(it, "img") || has(it, "image")), "{shown:#}");
    assert!(all("scrolling").iter().all(|it| has(it, "group") && it["focused"] == true), "{shown:#}");
    assert!(
        all("hidden").iter().all(|by| by.as_f64().is_some_and(|by| by <= 1.0)),
        "the newest day is seen: {shown:#}"
    );
    assert_eq!(all("terms"), vec![json!("DT DD"); 6]);
    // Those of the plots are folded, and are there once they are opened.
    let tables: Vec<_> = all("tables").into_iter().filter(|table| table["role"] == "table").collect();
    assert_eq!(tables.len(), 7, "{shown:#}");
    for table in tables {
        assert!(has(&table, "table"), "{table:#}");
        let heads = |of: &str, role: &str| table[of].as_array().unwrap().iter().all(|head| has(head, role));
        assert!(heads("columns", "columnheader") && heads("rows", "rowheader"), "{table:#}");
    }
}
