//! The beginnings of a text that are light enough, the best one first: at a space, between words, between graphemes.

use unicode_segmentation::UnicodeSegmentation as _;

use super::units::{Unit, units};

/// What stands where something was left out.
const ELLIPSIS: char = '…';
/// What it weighs.
const ELLIPSIS_WEIGHT: usize = 2;
/// For whole words no more than this is given up beyond what has to be.
const WORD: usize = 40;

/// Returns beginnings of a text that weigh no more than `most`, each lighter than the one before, down to nothing.
pub(super) fn shorter(text: &str, most: usize) -> impl Iterator<Item = String> {
    let units = units(text);
    (0..=most.saturating_sub(ELLIPSIS_WEIGHT)).rev().map(move |most| {
        let end = cut(text, &units, most);
        let all = text[..end].trim_end();
        let kept = Some(all.trim_end_matches(is_loose)).filter(|kept| !kept.is_empty()).unwrap_or(all);
        if kept.is_empty() { String::new() } else { format!("{kept}{ELLIPSIS}") }
    })
}

/// Returns where the best cut is that leaves no more than `most`.
fn cut(text: &str, units: &[Unit], most: usize) -> usize {
    let (mut weight, mut fitting) = (0, 0);
    let mut places = vec![(0, 0)];
    for unit in units {
        weight += unit.weight;
        if weight > most {
            break;
        }
        fitting = unit.end;
        places.push((unit.end, weight));
    }
    if fitting == text.len() {
        return fitting;
    }
    let heaviest = places.last().map_or(0, |(_, weight)| *weight);
    let near =
        || places.iter().rev().filter(|(end, weight)| *end > 0 && weight + WORD >= heaviest).map(|(end, _)| *end);
    let is_at_space =
        |end: &usize| text[*end..].starts_with(char::is_whitespace) || text[..*end].ends_with(char::is_whitespace);
    if let Some(end) = near().find(is_at_space) {
        return end;
    }
    let words: Vec<_> =
        text.split_word_bound_indices().map(|(start, _)| start).take_while(|start| *start <= fitting).collect();
    near().find(|end| words.binary_search(end).is_ok()).unwrap_or(fitting)
}

/// What says nothing before an ellipsis.
fn is_loose(char: char) -> bool {
    char.is_whitespace() || matches!(char, ',' | ';' | ':' | '-' | '–' | '—' | '(' | '[' | '#' | '@' | '…')
}
