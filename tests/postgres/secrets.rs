//! A dump of the database, as anybody who backs it up has it, holds no secret in the clear.

use entities::job_run::State;
use secrecy::SecretString;
use tokio::process::Command;
use worker::exchange::Credential;

use crate::harness::World;
use crate::harness::leaks::{BEGINNINGS, Secrets};

#[tokio::test]
async fn a_dump_holds_no_token_no_code_and_no_secret() {
    let world = World::start().await;
    let mut secrets = Secrets::of_the_stand_ins();
    secrets.add("the Meta app's secret", sandbox::DEFAULT_APP_SECRET);
    let redirect_uri = format!("{}/users/oauth", world.url);
    // One connection by a code, one by a token, one choice that waits with its token, one code that waits.
    let codes =
        [world.stand_ins.code("powr_io", &redirect_uri).await, world.stand_ins.code("natgeo", &redirect_uri).await];
    let tokens = [world.stand_ins.mint("natgeo").await, world.stand_ins.mint("two_pages").await];
    let of_code =
        |code: &String| Credential::Code { code: SecretString::from(&**code), redirect_uri: redirect_uri.clone() };
    let mut runs = vec![world.start_exchange_of(of_code(&codes[0]), "w1").await];
    for token in &tokens {
        runs.push(world.start_exchange_of(Credential::Short(SecretString::from(&**token)), "w1").await);
    }
    world.drain().await;
    runs.push(world.start_exchange_of(of_code(&codes[1]), "w1").await);
    for secret in codes.iter().chain(&tokens) {
        secrets.add("a code or a token", secret);
    }

    let dump = Command::new("pg_dump").arg("--inserts").arg(world.postgres().url.as_str()).output().await;

    let dump = dump.expect("pg_dump comes with the server");
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    let mut states = Vec::new();
    for run in &runs {
        states.push(world.run(run).await.state);
        assert!(dump.stdout.windows(run.len()).any(|part| part == run.as_bytes()), "the rows are in the dump");
    }
    assert_eq!(states, [State::Done, State::Done, State::Failed, State::Pending]);
    assert!(tokens[0].starts_with(BEGINNINGS[0]));
    assert_eq!(secrets.found_in(&dump.stdout), [].into());
}
