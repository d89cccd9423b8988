//! The widget's script: its files under `assets/widget/`, made into one when it is first asked for.

use std::sync::LazyLock;

/// The files in the order in which they follow each other. Each uses what stands before it; the last one begins.
const PARTS: [&str; 8] = [
    include_str!("../assets/widget/about.js"),
    include_str!("../assets/widget/words.js"),
    include_str!("../assets/widget/nodes.js"),
    include_str!("../assets/widget/service.js"),
    include_str!("../assets/widget/media.js"),
    include_str!("../assets/widget/slider.js"),
    include_str!("../assets/widget/post.js"),
    include_str!("../assets/widget/element.js"),
];

const STYLE: &str = include_str!("../assets/widget/style.css");

/// The script as it is served: nothing of it is seen by the page but the element, and a second one does nothing.
pub(crate) static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let start = "/*! Feedkeeper's widget: <feedkeeper-feed app feed layout columns items captions> */\n(() => {\n'use strict';\n\
                 if (customElements.get('feedkeeper-feed')) return;\n";
    let mut script = format!("{start}const CSS = `{}`;\n", without_spaces(&without_comments(STYLE)));
    script.extend(PARTS.map(without_comments));
    script.push_str("})();\n");
    script
});

/// Leaves out what is for those who read the files: comments that have lines of their own, empty lines, indentation.
fn without_comments(text: &str) -> String {
    let is_said = |line: &&str| !line.is_empty() && !line.starts_with("//") && !line.starts_with("/*");
    text.lines().map(str::trim).filter(is_said).flat_map(|line| [line, "\n"]).collect()
}

/// Leaves out the spaces that a style can do without. It has no texts of its own in which they might be meant.
fn without_spaces(style: &str) -> String {
    let spaces = [(" { ", "{"), ("; }", "}"), ("; ", ";"), (": ", ":"), (", ", ","), (" > ", ">"), ("\n", "")];
    spaces.iter().fold(style.to_owned(), |style, (long, short)| style.replace(long, short))
}
