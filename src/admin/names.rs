//! The metrics by name: what each says. `docs/metrics.md` holds the same, with the labels.

use metrics::{describe_counter, describe_gauge, describe_histogram};

/// What sort a metric is.
enum Sort {
    Counter,
    Gauge,
    Histogram,
}

use Sort::{Counter, Gauge, Histogram};

/// Every metric.
const METRICS: [(Sort, &str, &str); 27] = [
    (Histogram, "feedkeeper_job_wait_seconds", "From when a job was due to its start"),
    (Histogram, "feedkeeper_job_run_seconds", "How long an attempt ran"),
    (Counter, "feedkeeper_job_attempts_total", "Attempts that ended, by outcome"),
    (Counter, "feedkeeper_job_retries_total", "Attempts that failed and are tried again, by class of the failure"),
    (Counter, "feedkeeper_job_deaths_total", "Jobs that died, by reason"),
    (Counter, "feedkeeper_job_pushes_total", "Jobs pushed, by outcome"),
    (Counter, "feedkeeper_job_crashes_total", "Jobs taken back from a worker that gave no sign of life"),
    (Counter, "feedkeeper_job_leases_lost_total", "Jobs that this worker held until they were given to another"),
    (Counter, "feedkeeper_queue_failures_total", "Turns that the queue's store did not answer"),
    (Counter, "feedkeeper_queue_reconnects_total", "Times that the queue's store answered again"),
    (Gauge, "feedkeeper_queue_jobs", "Jobs in the queue, by state"),
    (Gauge, "feedkeeper_queue_oldest_seconds", "How long the next job has been due; 0 if none waits"),
    (Gauge, "feedkeeper_queue_paused", "Whether claiming is stopped"),
    (Gauge, "feedkeeper_queue_up", "Whether the queue's store answers"),
    (Gauge, "feedkeeper_queue_last_claim_seconds", "Since the store last answered this process' worker"),
    (Counter, "feedkeeper_http_requests_total", "Requests answered, by route and status"),
    (Histogram, "feedkeeper_http_request_seconds", "How long a request took to the head of its answer"),
    (Counter, "feedkeeper_graph_calls_total", "Calls to Meta, by class of the failure or ok"),
    (Histogram, "feedkeeper_graph_call_seconds", "How long a call to Meta took"),
    (Gauge, "feedkeeper_graph_usage_percent", "How much of an allowance Meta said last to be used"),
    (Counter, "feedkeeper_graph_not_asked_total", "Calls to Meta that were not made, by whom a limit concerns"),
    (Counter, "feedkeeper_outlet_calls_total", "Calls to the outlet, by class of the failure or ok"),
    (Histogram, "feedkeeper_outlet_call_seconds", "How long a call to the outlet took"),
    (Counter, "feedkeeper_x_calls_total", "Calls to X, by class of the failure or ok"),
    (Histogram, "feedkeeper_x_call_seconds", "How long a call to X took"),
    (Counter, "feedkeeper_mails_total", "Attempts at mails to owners that ended, by stage and outcome"),
    (Counter, "feedkeeper_crosspost_media_total", "Media of cross-posts that ended, by state"),
];

/// Tells the collector what each says.
pub(super) fn describe() {
    for (sort, name, says) in METRICS {
        match sort {
            Counter => describe_counter!(name, says),
            Gauge => describe_gauge!(name, says),
            Histogram => describe_histogram!(name, says),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::METRICS;

    #[test]
    fn every_metric_is_in_the_document_and_no_other() {
        let document = include_str!("../../docs/metrics.md");
        let rows: Vec<_> = document.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        let names: Vec<_> = METRICS.iter().map(|(_, name, _)| *name).collect();
        assert_eq!(rows, names);
    }
}
