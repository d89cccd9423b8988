//! The server: what every call passes on its way in and out (record, faults), and who answers it.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream;
use tokio::net::TcpListener;

use crate::calls::{Call, Service};
use crate::faults::{Answer, Effect};
use crate::listener::{Cut, CuttableListener};
use crate::state::Shared;
use crate::{cdn, dialog, door, graph, home, outlet, slack, x};

/// The largest form that is read.
const MAX_FORM: usize = 1 << 20;
/// How long calls may still run when the server stops.
const GRACE: Duration = Duration::from_secs(2);

/// Serves until `shutdown`.
pub(crate) async fn serve(
    shared: Arc<Shared>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let address = listener.local_addr().context("the listener has no address")?;
    if !address.ip().is_loopback() {
        bail!("the sandbox listens on this machine alone: {address} is not loopback; use {}", Ipv4Addr::LOCALHOST);
    }
    let base = match &shared.config.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{address}"),
    };
    shared.base.get_or_init(|| base);

    let stopping = shared.stopping.clone();
    let stopped = stopping.clone();
    let service = router(shared).into_make_service_with_connect_info::<Cut>();
    let server = axum::serve(CuttableListener(listener), service).with_graceful_shutdown(async move {
        shutdown.await;
        stopping.cancel();
    });
    tokio::select! {
        ended = server.into_future() => ended.context("the sandbox's server failed"),
        () = async { stopped.cancelled().await; tokio::time::sleep(GRACE).await } => Ok(()),
    }
}

fn router(shared: Arc<Shared>) -> Router {
    let others = Router::new()
        .route("/outlet/{name}", get(outlet::show))
        .fallback(outside)
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), watch));
    Router::new()
        .merge(door::routes().layer(middleware::from_fn_with_state(Arc::clone(&shared), door::allow_page)))
        .merge(x::pages())
        .fallback_service(others.with_state(Arc::clone(&shared)))
        .with_state(shared)
}

/// Records a call to one of the outside services, and lets a fault have it.
async fn watch(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
    next: Next,
) -> Response {
    if home::is_asked(request.method(), request.uri()) {
        return next.run(request).await;
    }
    let (on_x, request) = x::known(&shared, request).await;
    let path = request.uri().path();
    let call = Call {
        at: shared.clock.now_text(),
        service: Service::of_path(path),
        method: request.method().to_string(),
        path: path.to_owned(),
        ig_user_id: graph::account_of_call(&shared, path, request.uri().query().unwrap_or_default()),
        grant: graph::grant_of_call(&shared, request.uri().query().unwrap_or_default(), request.headers())
            .or_else(|| on_x.as_ref().map(|known| known.family.clone())),
        x_user_id: on_x.map(|known| known.x_user_id),
        status: None,
    };
    answered(&shared, call, next.run(request)).await.unwrap_or_else(|| dropped(&cut))
}

/// Writes a call down and answers it, or lets a fault have it; none if its connection is to end without an answer.
pub(crate) async fn answered(shared: &Shared, call: Call, run: impl Future<Output = Response>) -> Option<Response> {
    let hit = shared.faults.hit(&call);
    let number = shared.calls.arrive(call);
    let response = match hit {
        None => run.await,
        Some(Effect::Answer { answer, applied }) => {
            if applied {
                run.await;
            }
            given(answer)
        }
        Some(Effect::Drop { applied }) => {
            if applied {
                run.await;
            }
            return None;
        }
        Some(Effect::Hang { hang_ms, applied: true }) => {
            let response = run.await;
            waited(shared, hang_ms).await.then_some(response)?
        }
        Some(Effect::Hang { hang_ms, applied: false }) => {
            if !waited(shared, hang_ms).await {
                return None;
            }
            run.await
        }
    };
    shared.calls.answered(number, response.status().as_u16());
    Some(response)
}

/// Waits; false if the server stopped meanwhile.
pub(crate) async fn waited(shared: &Shared, hang_ms: u64) -> bool {
    tokio::select! {
        () = tokio::time::sleep(Duration::from_millis(hang_ms)) => true,
        () = shared.stopping.cancelled() => false,
    }
}

fn dropped(cut: &Cut) -> Response {
    cut.cut();
    // Never sent: the connection refuses to write.
    StatusCode::GATEWAY_TIMEOUT.into_response()
}

fn given(answer: Answer) -> Response {
    let has_length = answer.headers.keys().any(|name| name.eq_ignore_ascii_case("content-length"));
    let body = if has_length {
        // Without a length of its own, so that a false one cuts the answer short, as its test wants.
        Body::from_stream(stream::iter([Ok::<_, Infallible>(answer.body)]))
    } else {
        Body::from(answer.body)
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
    for (name, value) in &answer.headers {
        // Checked when the fault was put.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    response
}

/// Answers everything that is not the sandbox's own.
async fn outside(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if home::is_asked(&parts.method, &parts.uri) {
        return home::show(&shared);
    }
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    match Service::of_path(path) {
        Service::Cdn => return cdn::serve(shared, path, query, &parts.headers).await,
        Service::X => return x::answer(&shared, &parts, body).await,
        Service::Graph | Service::Slack => {}
        Service::Outlet | Service::Smtp => return outlet::nobody(),
    }
    let Ok(form) = to_bytes(body, MAX_FORM).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    if Service::of_path(path) == Service::Slack {
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        return slack::answer(
            &shared,
            &parts.method,
            path,
            kind.starts_with("application/x-www-form-urlencoded"),
            &form,
        );
    }
    let request = graph::Request::new(parts.method, path, query, &parts.headers, &form);
    if request.parts() == ["dialog", "oauth"] {
        return dialog::answer(&shared, &request);
    }
    if request.method == Method::OPTIONS {
        return graph::preflight(&parts.headers);
    }
    graph::answer(&shared, &request, &parts.headers).await
}
