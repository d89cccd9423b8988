//! The thread that leads from whoever pushed a job through all of its attempts: W3C's trace context, carried beside the
//! payload. Where nobody traces, there is none.

use opentelemetry::{
    Context, SpanId, TraceFlags, TraceId,
    trace::{SpanContext, TraceContextExt, TraceState},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Returns the `traceparent` of what is going on now, if it is traced.
pub fn current() -> Option<String> {
    let context = Span::current().context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), span.trace_flags()))
}

/// Makes a span that has not begun part of the trace of a `traceparent`; one that cannot be read is none.
pub fn follow(span: &Span, traceparent: &str) {
    if let Some(parent) = read(traceparent) {
        // Fails where nobody traces.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
    }
}

/// Reads `version-trace-span-flags`; a later version may have more behind it.
fn read(traceparent: &str) -> Option<SpanContext> {
    let mut parts = traceparent.trim().split('-');
    let mut part = |length| {
        let is_hex = |part: &&str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        parts.next().filter(|part| part.len() == length).filter(is_hex)
    };
    let (version, trace, span, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
    let has_more = parts.next().is_some();
    if version == "ff" || (version == "00" && has_more) {
        return None;
    }
    let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED;
    Some(SpanContext::new(trace, span, flags, true, TraceState::NONE)).filter(SpanContext::is_valid)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_traceparent_is_read_or_is_none() {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let span = read(&format!("00-{trace}-b7ad6b7169203331-01")).expect("it is one");
        assert_eq!((span.trace_id().to_string().as_str(), span.is_sampled()), (trace, true));
        assert!(read(&format!("cc-{trace}-b7ad6b7169203331-01-what-comes-later")).is_some());
        for none in [
            "",
            "00",
            &format!("00-{trace}-b7ad6b7169203331"),
            &format!("ff-{trace}-b7ad6b7169203331-01"),
            &format!("00-{trace}-b7ad6b7169203331-01-more"),
            &format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
            &format!("00-{}-b7ad6b7169203331-01", trace.to_uppercase()),
            &format!("00-{trace}-+7ad6b7169203331-01"),
        ] {
            assert!(read(none).is_none(), "{none}");
        }
    }
}
