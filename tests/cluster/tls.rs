//! A Redis behind TLS whose certificate a private authority has signed: `REDIS_CA` says whom to trust.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::flows::operator::{Said, run_with};
use crate::harness::{Cluster, Half};

/// An authority that no machine knows, and what it vouches for.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a certificate"))
    }

    /// Writes its own certificate where a process may read it.
    fn written(&self, cluster: &Cluster, name: &str) -> String {
        write(cluster, name, &self.0.pem())
    }
}

fn write(cluster: &Cluster, name: &str, text: &str) -> String {
    let path = cluster.data().join(name);
    std::fs::write(&path, text).expect("written");
    path.to_str().expect("a path in UTF-8").to_owned()
}

/// A deployment whose processes are to reach Redis by TLS.
async fn behind_tls(authority: &Authority) -> Cluster {
    let mut cluster = Cluster::prepare().await;
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &authority.0).expect("signed");
    let certificate = write(&cluster, "redis.pem", &certificate.pem());
    let key = write(&cluster, "redis.key", &key.serialize_pem());
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number").port();
    let port = port.to_string();
    cluster.redis.set_up(&["--tls-port", &port, "--tls-cert-file", &certificate, "--tls-key-file", &key]);
    cluster.redis.set_up(&["--tls-auth-clients", "no"]);
    cluster.redis.start();
    cluster.env.push(("REDIS_URL".to_owned(), format!("rediss://localhost:{port}")));
    cluster
}

async fn run(cluster: &Cluster, with: &[(&str, &str)], args: &[&str]) -> Said {
    let env = cluster.env_with(with);
    let env: Vec<_> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    run_with(cluster.data(), &env, args).await
}

#[tokio::test]
async fn a_redis_for_which_a_private_authority_vouches_is_used_by_every_command() {
    let authority = Authority::new();
    let mut cluster = behind_tls(&authority).await;
    let ca = authority.written(&cluster, "ca.pem");
    cluster.env.push(("REDIS_CA".to_owned(), ca));
    cluster.add_api(&[]).await;
    cluster.add_worker(&[]).await;

    let run_id = cluster.exchange(0, "powr_io", "w1").await;
    let end = cluster.end_of(0, &run_id).await;
    let doctor = run(&cluster, &[], &["doctor"]).await;
    let stats = run(&cluster, &[], &["queue", "stats"]).await;

    assert_eq!(end["state"], "done", "{end}");
    assert!(doctor.out.contains(" answers over TLS; REDIS_CA vouches for it"), "{}", doctor.out);
    assert_eq!((doctor.code, stats.code), (Some(0), Some(0)), "{}{}", doctor.out, stats.err);
}

#[tokio::test]
async fn a_redis_for_which_nobody_vouches_is_refused_with_the_fix() {
    let authority = Authority::new();
    let cluster = behind_tls(&authority).await;
    let stranger = Authority::new().written(&cluster, "stranger.pem");
    for (with, says) in [
        (&[][..], "set REDIS_CA to the path of that one's certificate"),
        (&[("REDIS_CA", stranger.as_str())], "REDIS_CA does not vouch for REDIS_URL"),
        (&[("REDIS_CA", "/nowhere")], "REDIS_CA=/nowhere cannot be read"),
    ] {
        let mut worker = Half::spawn("worker", &cluster.env_with(with));
        let code = worker.ended().await;
        let said = worker.says("feedkeeper: ").await;
        let doctor = run(&cluster, with, &["doctor"]).await;

        assert!(code == Some(1) && said.contains(says), "{said}");
        assert!(doctor.code == Some(1) && doctor.out.contains(says), "{}{}", doctor.out, doctor.err);
    }
}
