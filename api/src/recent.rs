//! Answers that are remembered for a moment: whoever asks meanwhile costs nothing, and many at once ask once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many subjects are remembered before those are forgotten that nobody asks about just now.
const MOST: usize = 1_000;

/// The last answer to one question.
#[derive(Debug)]
pub(crate) struct Recent<T>(tokio::sync::Mutex<Option<(Instant, T)>>);

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(tokio::sync::Mutex::new(None))
    }
}

impl<T: Clone> Recent<T> {
    /// Returns the last answer if it is younger than `lives`, or else asks. A failure is not remembered.
    pub(crate) async fn get<E>(&self, lives: Duration, ask: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let mut last = self.0.lock().await;
        if let Some((at, answer)) = &*last
            && at.elapsed() < lives
        {
            return Ok(answer.clone());
        }
        let answer = ask.await?;
        *last = Some((Instant::now(), answer.clone()));
        Ok(answer)
    }
}

/// The last answers to one question about many subjects.
#[derive(Debug)]
pub(crate) struct RecentOf<T>(Mutex<HashMap<String, Arc<Recent<T>>>>);

impl<T> Default for RecentOf<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> RecentOf<T> {
    /// Returns what is remembered of a subject.
    pub(crate) fn of(&self, subject: &str) -> Arc<Recent<T>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(subject) {
            known.retain(|_, recent| Arc::strong_count(recent) > 1);
        }
        known.entry(subject.to_owned()).or_default().clone()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::{MOST, Recent, RecentOf};

    #[tokio::test]
    async fn many_at_once_ask_once_and_a_failure_is_asked_again() {
        let (recent, asked) = (Recent::default(), AtomicU32::new(0));
        let ask = async || Ok::<_, Infallible>(asked.fetch_add(1, Ordering::Relaxed));
        let lives = Duration::from_mins(1);

        assert_eq!(recent.get(lives, async { Err::<u32, _>("away") }).await, Err("away"));
        let all = tokio::join!(recent.get(lives, ask()), recent.get(lives, ask()), recent.get(lives, ask()));
        let anew = recent.get(Duration::ZERO, ask()).await;

        assert_eq!(all, (Ok(0), Ok(0), Ok(0)));
        assert_eq!(anew, Ok(1));
    }

    #[test]
    fn subjects_that_nobody_asks_about_are_forgotten() {
        let recent = RecentOf::<u32>::default();
        let in_hand = recent.of("in hand");
        for number in 0..3 * MOST {
            recent.of(&number.to_string());
        }
        assert!(recent.0.lock().expect("whole").len() <= MOST);
        assert!(std::sync::Arc::ptr_eq(&in_hand, &recent.of("in hand")));
    }
}
