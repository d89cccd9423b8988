//! What may befall a deployment.

use std::fmt::{Display, Formatter};

/// One fault; afterwards what it struck is there again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// SIGKILL of a worker.
    KillWorker,
    /// SIGTERM of a worker: it ends what it has begun.
    StopWorker,
    /// SIGSTOP of a worker, and SIGCONT at least five seconds later, when its leases are long over.
    PauseWorker,
    /// SIGKILL of an API.
    KillApi,
    /// SIGTERM of an API.
    StopApi,
    /// SIGSTOP of an API, and SIGCONT at least five seconds later.
    PauseApi,
    /// SIGKILL of Redis, which starts again on its file.
    CrashRedis,
    /// The same, and the file lacks what was written in the second before: what `appendfsync everysec` may cost where the
    /// machine dies. A process that is killed alone leaves all that it has handed to the kernel.
    RedisForgets,
    /// `SCRIPT FLUSH`.
    FlushScripts,
    /// `CLIENT KILL` of every connection to Redis.
    CutRedis,
    /// A crash of Postgres, which recovers; where others use the server too, it admits nobody for a while.
    CrashPostgres,
    /// `pg_terminate_backend` of every connection to the database.
    CutPostgres,
}

impl Fault {
    /// All there are.
    pub(crate) const ALL: [Self; 12] = [
        Self::KillWorker,
        Self::StopWorker,
        Self::PauseWorker,
        Self::KillApi,
        Self::StopApi,
        Self::PauseApi,
        Self::CrashRedis,
        Self::RedisForgets,
        Self::FlushScripts,
        Self::CutRedis,
        Self::CrashPostgres,
        Self::CutPostgres,
    ];

    /// Whether it needs a database that is no file.
    pub(super) fn is_of_postgres(self) -> bool {
        matches!(self, Self::CrashPostgres | Self::CutPostgres)
    }

    /// Whether what runs at its moment may be run again. The others must not cost that.
    pub(super) fn interrupts_work(self) -> bool {
        matches!(
            self,
            Self::KillWorker
                | Self::PauseWorker
                | Self::CrashRedis
                | Self::RedisForgets
                | Self::CrashPostgres
                | Self::CutPostgres
        )
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::KillWorker => "SIGKILL of a worker",
            Self::StopWorker => "SIGTERM of a worker",
            Self::PauseWorker => "SIGSTOP of a worker, 5 s",
            Self::KillApi => "SIGKILL of an API",
            Self::StopApi => "SIGTERM of an API",
            Self::PauseApi => "SIGSTOP of an API, 5 s",
            Self::CrashRedis => "crash of Redis",
            Self::RedisForgets => "crash of Redis that loses its last second",
            Self::FlushScripts => "SCRIPT FLUSH",
            Self::CutRedis => "all connections to Redis killed",
            Self::CrashPostgres => "crash of Postgres",
            Self::CutPostgres => "all connections to Postgres killed",
        })
    }
}
