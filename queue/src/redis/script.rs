//! The scripts, and how one is called: by its hash, and by its text where the server does not know the hash.

use std::sync::LazyLock;

use ::redis::{Cmd, ToRedisArgs, cmd};

use crate::store::{BATCH, CRASHES, LAST_CRASH};

/// The most of each kind that one reaping moves.
const STEP: usize = 100;

/// Is a script as the server gets it.
pub(super) struct Script {
    text: String,
    hash: String,
}

impl Script {
    /// Puts a script together. Those that write may do so on a server without memory: what is claimed must be finished
    /// and renewed there too, which frees some. Only what takes jobs in is refused.
    fn new(flags: &str, parts: &[&str]) -> Self {
        let header = format!(
            "#!lua{flags}\nlocal SUSPECT, DYING, LAST, BATCH, STEP = {}, {CRASHES}, {LAST_CRASH}, {BATCH}, {STEP}\n",
            CRASHES - 1
        );
        let text = header + &parts.concat();
        let hash = ::redis::Script::new(&text).get_hash().to_owned();
        Self { text, hash }
    }
}

macro_rules! scripts {
    ($($name:ident: $flags:literal, $($file:literal)+;)+) => {$(
        pub(super) static $name: LazyLock<Script> = LazyLock::new(|| {
            Script::new($flags, &[$(include_str!(concat!("scripts/", $file, ".lua"))),+])
        });
    )+

        /// Names the script behind a hash, by which a server's slow log calls it.
        pub fn script_name(hash: &str) -> Option<&'static str> {
            let scripts = [$((stringify!($name), &$name)),+];
            scripts.into_iter().find(|(_, script)| script.hash == hash).map(|(name, _)| name)
        }
    };
}

scripts! {
    TURN: " flags=allow-oom", "clock" "wake" "places" "turn";
    RENEW: " flags=allow-oom", "clock" "lanes" "renew";
    REAP: " flags=allow-oom", "clock" "lanes" "wake" "places" "graves" "reap";
    PUSH: "", "clock" "wake" "take_in" "push";
    TICK: "", "clock" "wake" "take_in" "tick";
    SET: " flags=allow-oom", "clock" "lanes" "set";
    FIND: " flags=no-writes", "clock" "lanes" "find";
    IDLE: " flags=no-writes", "clock" "lanes" "idle";
    STATS: " flags=no-writes", "clock" "lanes" "stats";
    DEAD: " flags=no-writes", "clock" "dead";
    RETRY_DEAD: " flags=allow-oom", "clock" "lanes" "wake" "graves" "retry_dead";
    DELETE_DEAD: " flags=allow-oom", "clock" "lanes" "graves" "delete_dead";
}

/// Is a call to the server.
pub(super) struct Call {
    pub(super) cmd: Cmd,
    script: Option<&'static Script>,
}

impl Call {
    /// Calls a command.
    pub(super) fn command(name: &str, args: &[&str]) -> Self {
        let mut cmd = cmd(name);
        cmd.arg(args);
        Self { cmd, script: None }
    }

    /// Calls a script on the keys under `root`, with room for `args` arguments.
    pub(super) fn script(script: &'static Script, root: &str, args: usize) -> Self {
        let mut cmd = Cmd::with_capacity(args + 4, 32 * args + 128);
        cmd.arg("EVALSHA").arg(&script.hash).arg(1).arg(root);
        Self { cmd, script: Some(script) }
    }

    /// Adds an argument.
    pub(super) fn arg(&mut self, arg: impl ToRedisArgs) -> &mut Self {
        self.cmd.arg(arg);
        self
    }

    /// Returns the same call with the script's text, which the server then knows by its hash.
    pub(super) fn with_text(&self) -> Option<Cmd> {
        let script = self.script?;
        let mut cmd = Cmd::with_capacity(self.cmd.args_iter().len(), script.text.len() + 1024);
        cmd.arg("EVAL").arg(&script.text);
        for arg in self.cmd.args_iter().skip(2) {
            if let ::redis::Arg::Simple(arg) = arg {
                cmd.arg(arg);
            }
        }
        Some(cmd)
    }
}
