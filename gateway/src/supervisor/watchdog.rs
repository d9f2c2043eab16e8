//! Telling the supervisor in time that the gateway lives.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::time::{MissedTickBehavior, interval};

use super::states;
use crate::process::Process;

/// Tells the supervisor that the gateway lives, twice in the time that it allows, for as long as every core takes its
/// turns. Returns at once where no supervisor waits for that.
pub(crate) async fn attend(cores: Vec<Handle>, process: Arc<Process>) {
    let Some(allowed) = sd_notify::watchdog_enabled() else { return };
    let mut ticks = interval(allowed / 2);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // One that has ended is no failure while the process ends.
        if !all_take_turns(&cores).await && !process.is_draining() {
            tracing::error!("a core has died: the supervisor is no longer told that the gateway lives");
            return;
        }
        states::alive();
    }
}

/// Returns when every core has run an empty task, which one that hangs never does, or was found to have ended, which
/// is false.
async fn all_take_turns(cores: &[Handle]) -> bool {
    let mut all = true;
    for core in cores {
        all &= core.spawn(async {}).await.is_ok();
    }
    all
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use tokio::runtime::{Builder, Runtime};
    use tokio::time::timeout;

    use super::*;

    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_all().build().expect("a runtime")
    }

    /// The handle of a core that runs for as long as the test.
    fn running() -> Handle {
        let core = runtime();
        let handle = core.handle().clone();
        thread::spawn(move || core.block_on(pending::<()>()));
        handle
    }

    #[test]
    fn cores_that_run_take_turns() {
        let cores = [running(), running()];
        assert!(runtime().block_on(all_take_turns(&cores)));
    }

    #[test]
    fn core_that_hangs_is_waited_for() {
        let hanging = running();
        let (release, released) = mpsc::channel::<()>();
        let (hangs, hung) = mpsc::channel();
        hanging.spawn(async move {
            hangs.send(()).expect("the test waits");
            let _released = released.recv();
        });
        hung.recv().expect("it hangs");
        let cores = [running(), hanging];
        let care = runtime();
        care.block_on(async {
            timeout(Duration::from_millis(200), all_take_turns(&cores)).await.expect_err("it takes no turn");
            drop(release);
            assert!(all_take_turns(&cores).await, "it takes turns again");
        });
    }

    #[test]
    fn core_that_has_ended_takes_none() {
        let core = runtime();
        let handle = core.handle().clone();
        drop(core);
        assert!(!runtime().block_on(all_take_turns(&[running(), handle])));
    }
}
