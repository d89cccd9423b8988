//! The log, to stderr, for people or as JSON; and traces, where somebody collects them (`otlp`).

mod otlp;

use std::io::IsTerminal;

use anyhow::Context;
use tokio::runtime::Handle;
use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{FilterExt, FilterFn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

pub(crate) use self::otlp::Traces;
use crate::config::Env;

/// What is logged unless `RUST_LOG` says otherwise.
const DEFAULT: &str = "info,apalis_core=warn,sqlx=warn,sea_orm_migration=warn";

/// Whose every word is known to hold no secret: our crates, and the one that logs requests as we tell it to.
const OURS: [&str; 8] = ["feedkeeper", "api", "worker", "queue", "entities", "migration", "sandbox", "tower_http"];
/// How much is heard of all others, whatever `RUST_LOG` says: below, they write what they hold in their hands, such as
/// the database's address with its password (`sea_orm`), or the address that an answer redirects to.
const OTHERS: LevelFilter = LevelFilter::INFO;

/// Starts the log, and the traces if there is a collector.
pub(crate) fn start(env: &Env, runtime: &Handle) -> anyhow::Result<Option<Traces>> {
    let filter = env.text("RUST_LOG").unwrap_or_else(|| DEFAULT.to_owned());
    let form = env.text("LOG_FORMAT").unwrap_or_else(|| "text".to_owned());
    let mut layers = vec![log(&filter, &form, std::io::stderr().is_terminal(), std::io::stderr)?];
    let traces = Traces::start(env, runtime)?;
    layers.extend(traces.as_ref().map(|traces| traces.layer().with_filter(spans()).boxed()));
    tracing_subscriber::registry().with(layers).init();
    Ok(traces)
}

type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

fn log<W>(filter: &str, form: &str, colours: bool, to: W) -> anyhow::Result<BoxedLayer>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let wanted = EnvFilter::try_new(filter).with_context(|| format!("RUST_LOG={filter} is no filter"))?;
    let lines = fmt::layer::<Registry>().with_writer(to);
    let lines = match form {
        "text" => lines.with_ansi(colours).boxed(),
        "json" => lines.json().boxed(),
        other => anyhow::bail!("LOG_FORMAT={other}: it is `text` or `json`"),
    };
    let may_speak = FilterFn::new(may_speak).with_max_level_hint(LevelFilter::TRACE);
    Ok(lines.with_filter(wanted.and(may_speak)).boxed())
}

/// Picks what goes into traces: our spans, however little is logged, and never what others hold in their hands.
fn spans() -> FilterFn {
    let picked: fn(&Metadata<'_>) -> bool = |about| about.is_span() && *about.level() <= OTHERS && is_ours(about);
    FilterFn::new(picked).with_max_level_hint(OTHERS)
}

fn is_ours(about: &Metadata<'_>) -> bool {
    OURS.contains(&about.target().split("::").next().unwrap_or_default())
}

fn may_speak(about: &Metadata<'_>) -> bool {
    is_ours(about) || *about.level() <= OTHERS
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex, PoisonError};

    use tracing_subscriber::layer::SubscriberExt;

    use super::log;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What is written in a form under `RUST_LOG=trace`.
    fn written(form: &str) -> String {
        let lines = Lines::default();
        let to = lines.clone();
        let registry = tracing_subscriber::registry;
        let log = registry().with(log("trace", form, false, move || to.clone()).expect("a log"));
        // With one subscriber alone, tracing caches for all threads what the first of them wants.
        let second = super::log("trace", form, false, std::io::sink).expect("a log");
        let _second = tracing::Dispatch::new(registry().with(second));
        tracing::subscriber::with_default(log, || {
            let span = tracing::trace_span!(target: "sea_orm::driver", "connect", url = "postgres://u:hunter2@db/");
            span.in_scope(|| tracing::trace!(target: "worker::graph", "ours"));
            tracing::debug!(target: "reqwest::redirect", "redirecting to https://x/?access_token=hunter2");
            tracing::info!(target: "sea_orm_migration", "theirs, for everybody");
        });
        let bytes = lines.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn at_trace_others_say_no_more_than_at_info() {
        for form in ["text", "json"] {
            let text = written(form);
            assert!(text.contains("ours") && text.contains("theirs, for everybody"), "{text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}
