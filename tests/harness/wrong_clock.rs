//! A process whose machine's clock is wrong: a few lines of C stand before the system's own `clock_gettime`, so that the
//! real binary is told another time. Leases and time-outs run on the monotonic clock, which is left as it is.

use std::path::Path;
use std::process::Command;

const BEFORE_THE_SYSTEMS: &str = r#"
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t which, struct timespec *time) {
    long failed = syscall(SYS_clock_gettime, which, time);
    const char *off = getenv("CLOCK_OFF_S");
    if (failed == 0 && which == CLOCK_REALTIME && off) {
        time->tv_sec += atol(off);
    }
    return (int)failed;
}
"#;

/// Returns what a process is told in its environment so that its clock is so many seconds ahead, or behind.
pub(crate) fn off_by(folder: &Path, seconds: i64) -> [(&'static str, String); 2] {
    let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
    std::fs::write(&source, BEFORE_THE_SYSTEMS).expect("written");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status();
    assert!(built.expect("a C compiler, which Rust needs too").success());
    [("LD_PRELOAD", library.display().to_string()), ("CLOCK_OFF_S", seconds.to_string())]
}
