//! Our side of apalis' contract: where its worker gets jobs from, and the one layer around each.
//!
//! What the contract of apalis-core 1.0 makes of this: any error of a backend ends its worker, so ours has none; a stream that ends
//! without `WorkerContext::stop` is waited for for ever, so ours never ends; a `Durable` backend's decoding errors end the
//! worker, so this one is `Ephemeral` and `run` decodes; `poll_close` comes last of all, so claiming, finishing, heart-beat
//! and shutdown live in tasks of their own (`pump`, `heartbeat`, `engine`), not here.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use apalis_core::{
    backend::{Backend, BackendConfig, finalize::Ephemeral},
    error::BoxDynError,
    task::{Task, builder::TaskBuilder, task_id::TaskId},
    worker::{builder::WorkerBuilder, context::WorkerContext},
};
use futures_util::future::BoxFuture;
use tokio::{sync::mpsc::UnboundedReceiver, task::JoinHandle};
use tower::{Layer, Service};

use crate::{
    lease::{self, Lease},
    run::Performer,
    slots::{Slots, Worker},
    store::Ending,
};

/// Starts apalis' worker for one lane.
pub(crate) fn start<C: Send + Sync + 'static>(
    worker: Arc<Worker>,
    slots: Arc<Slots>,
    claims: UnboundedReceiver<Arc<Lease>>,
    performer: Arc<Performer<C>>,
) -> (WorkerContext, BoxFuture<'static, anyhow::Result<()>>) {
    let ctx = WorkerContext::new(&format!("{}-{}", slots.lane, worker.id));
    let backend = LaneBackend { claims, layer: LeaseLayer { worker, slots } };
    let apalis = WorkerBuilder::new(&ctx).backend(backend).build(Perform(performer));
    (ctx, Box::pin(async move { Ok(apalis.run().await?) }))
}

/// Hands on what the pump of a lane has claimed.
struct LaneBackend {
    claims: UnboundedReceiver<Arc<Lease>>,
    layer: LeaseLayer,
}

impl Backend for LaneBackend {
    type Task = Task<Arc<Lease>>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Option<Result<Self::Task, Infallible>>> {
        match self.claims.poll_recv(cx) {
            Poll::Ready(Some(lease)) => {
                // Not `from_str`, which turns what looks like a number into one.
                let id = TaskId::from_string(lease.claimed.held.id.clone());
                Poll::Ready(Some(Ok(TaskBuilder::new(lease).task_id(id).build())))
            }
            // The pump is gone: `WorkerContext::stop` is what ends the worker, and wakes it.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }

    fn poll_close(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for LaneBackend {
    type Args = Arc<Lease>;
    type Id = String;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = LeaseLayer;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> LeaseLayer {
        self.layer.clone()
    }
}

/// Keeps each job under its lease, in a task of its own.
#[derive(Clone)]
struct LeaseLayer {
    worker: Arc<Worker>,
    slots: Arc<Slots>,
}

impl<S> Layer<S> for LeaseLayer {
    type Service = LeaseService<S>;

    fn layer(&self, inner: S) -> LeaseService<S> {
        LeaseService { inner, layer: self.clone() }
    }
}

struct LeaseService<S> {
    inner: S,
    layer: LeaseLayer,
}

impl<S> Service<Task<Arc<Lease>>> for LeaseService<S>
where
    S: Service<Task<Arc<Lease>>, Response = Ending, Error = BoxDynError>,
    S::Future: Send + 'static,
{
    type Response = ();
    type Error = BoxDynError;
    type Future = Spawned;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxDynError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, task: Task<Arc<Lease>>) -> Spawned {
        let lease = task.args.clone();
        let job = self.inner.call(task);
        // `Perform` is infallible, and no user layer lies between.
        let job = async { job.await.unwrap_or(Ending::HandBack) };
        Spawned(tokio::spawn(lease::keep(self.layer.worker.clone(), self.layer.slots.clone(), lease, job)))
    }
}

/// Is a job in its task, which ends with it: a handler must not outlive its lease.
struct Spawned(JoinHandle<()>);

impl Future for Spawned {
    type Output = Result<(), BoxDynError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // A panic has been made an ending inside, and an abort comes from `drop` alone.
        Pin::new(&mut self.0).poll(cx).map(|_| Ok(()))
    }
}

impl Drop for Spawned {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Is the innermost service: one job to its ending.
struct Perform<C>(Arc<Performer<C>>);

impl<C: Send + Sync + 'static> Service<Task<Arc<Lease>>> for Perform<C> {
    type Response = Ending;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Ending, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, task: Task<Arc<Lease>>) -> Self::Future {
        let performer = self.0.clone();
        Box::pin(async move { Ok(performer.run(&task.args.claimed, task.args.since).await) })
    }
}
