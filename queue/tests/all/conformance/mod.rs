//! What every store promises, one file per subject. A case takes a harness and knows no store.

pub(crate) mod draining;

/// Instantiates every case for one store.
macro_rules! suite {
    ($store:ident, $harness:ty) => {
        mod $store {
            $crate::conformance::cases! { $harness;
                draining: ten_thousand_jobs_are_drained_each_once;
            }
        }
    };
}

macro_rules! cases {
    ($harness:ty; $($subject:ident: $($case:ident),+;)+) => {$(
        mod $subject {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let harness = <$harness as $crate::world::Harness>::new().await;
                $crate::conformance::$subject::$case(&harness).await;
            }
        )+}
    )+};
}

pub(crate) use {cases, suite};
