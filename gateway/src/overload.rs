//! Memory: while too much of it is used, new calls are refused, so that those under way are finished and
//! the process is not killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::process::Process;

/// How often the memory is looked at.
const INTERVAL: Duration = Duration::from_millis(100);
/// How far below the share above which calls are refused they are taken again.
const RELIEF: f64 = 0.03;

/// Watches the memory for as long as the process runs.
pub(crate) async fn watch(process: Arc<Process>) {
    let memory = Memory::of_process(Path::new("/"));
    let mut interval = tokio::time::interval(INTERVAL);
    loop {
        interval.tick().await;
        let limit = process.snapshot.load().limits.memory;
        let Some(used) = memory.used_share(limit - RELIEF) else { continue };
        let short = process.short_of_memory.load(Ordering::Relaxed);
        if short != is_short(short, used, limit) {
            process.short_of_memory.store(!short, Ordering::Relaxed);
            let percent = (used * 100.0).round();
            match short {
                false => tracing::warn!(percent, "memory runs short: new calls are refused"),
                true => tracing::info!(percent, "there is memory again: new calls are taken"),
            }
        }
    }
}

/// Whether calls are to be refused, who are refused now or not.
fn is_short(short: bool, used: f64, limit: f64) -> bool {
    used >= if short { limit - RELIEF } else { limit }
}

/// The memory that the process may use.
#[derive(Debug)]
struct Memory {
    root: PathBuf,
    /// The control groups that the process is in, innermost first.
    groups: Vec<Group>,
    /// Of the machine, in bytes.
    total: u64,
}

/// A control group that accounts memory.
#[derive(Debug)]
struct Group {
    directory: PathBuf,
    files: &'static Files,
}

/// The names of a control group's files, and of the lines of its statistics that tell what can be freed.
#[derive(Debug)]
struct Files {
    limit: &'static str,
    usage: &'static str,
    freeable: &'static [&'static str],
}

const VERSION_1: Files = Files {
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    freeable: &["total_active_file", "total_inactive_file"],
};
const VERSION_2: Files = Files {
    limit: "memory.max",
    usage: "memory.current",
    freeable: &["active_file", "inactive_file", "slab_reclaimable"],
};

impl Memory {
    /// That of this process, by the files below `root`.
    fn of_process(root: &Path) -> Self {
        let total = kilobytes(&root.join("proc/meminfo"), "MemTotal:").unwrap_or(0);
        let listed = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
        let mut groups = Vec::new();
        for line in listed.lines() {
            let mut parts = line.splitn(3, ':').skip(1);
            let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
            let (top, files) = match controllers {
                "" => ("sys/fs/cgroup", &VERSION_2),
                _ if controllers.split(',').any(|name| name == "memory") => {
                    ("sys/fs/cgroup/memory", &VERSION_1)
                }
                _ => continue,
            };
            // Inside a container the path may be that of the host, and the top the container's own group.
            let path = Path::new(path.trim_start_matches('/'));
            let directories = path.ancestors().map(|path| root.join(top).join(path));
            let groups_of = directories.map(|directory| Group { directory, files });
            groups.extend(groups_of.filter(|group| group.directory.join(files.usage).exists()));
        }
        Self { root: root.to_owned(), groups, total }
    }

    /// The share of it that is used: of the group that is fullest, or of the machine where no group has a
    /// limit. What can be freed counts only above `precise`, below which it is not asked for. `None` where
    /// the system does not tell.
    fn used_share(&self, precise: f64) -> Option<f64> {
        let shares = self.groups.iter().filter_map(|group| group.used_share(self.total, precise));
        shares.reduce(f64::max).or_else(|| {
            let resident = kilobytes(&self.root.join("proc/self/status"), "VmRSS:")?;
            share(resident, self.total)
        })
    }
}

impl Group {
    /// The share of its limit that is used; `None` where it has none below `total`.
    fn used_share(&self, total: u64, precise: f64) -> Option<f64> {
        let number = |file: &str| -> Option<u64> {
            fs::read_to_string(self.directory.join(file)).ok()?.trim().parse().ok()
        };
        let limit = number(self.files.limit).filter(|limit| *limit < total)?;
        let usage = number(self.files.usage)?;
        let used = share(usage, limit)?;
        if used < precise {
            return Some(used);
        }
        let statistics = fs::read_to_string(self.directory.join("memory.stat")).unwrap_or_default();
        let values = statistics.lines().filter_map(|line| line.split_once(' '));
        let freeable = values.filter(|(name, _)| self.files.freeable.contains(name));
        let freeable: u64 = freeable.filter_map(|(_, value)| value.parse::<u64>().ok()).sum();
        share(usage.saturating_sub(freeable), limit)
    }
}

/// The value, in bytes, of a line such as `VmRSS:  1234 kB`.
fn kilobytes(file: &Path, name: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    let value: u64 = value.trim().strip_suffix(" kB")?.parse().ok()?;
    value.checked_mul(1024)
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The memory that the files `name: text` below a folder of their own tell.
    fn memory(name: &str, files: &[(&str, &str)]) -> Memory {
        let root = std::env::temp_dir().join(format!("thriftgate-memory-{name}-{}", std::process::id()));
        for (file, text) in files {
            let path = root.join(file);
            fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        Memory::of_process(&root)
    }

    #[track_caller]
    fn assert_used(memory: &Memory, expected: Option<f64>) {
        let used = memory.used_share(0.89);
        fs::remove_dir_all(&memory.root).expect("the folder is there");
        assert_eq!(used.map(|used| (used * 100.0).round()), expected);
    }

    const MACHINE: (&str, &str) = ("proc/meminfo", "MemTotal:       1000 kB\nMemFree: 1 kB\n");

    #[test]
    fn version_2_with_what_can_be_freed() {
        let memory = memory(
            "v2",
            &[
                MACHINE,
                ("proc/self/cgroup", "0::/pod/container\n"),
                ("sys/fs/cgroup/pod/container/memory.max", "200000\n"),
                ("sys/fs/cgroup/pod/container/memory.current", "190000\n"),
                (
                    "sys/fs/cgroup/pod/container/memory.stat",
                    "anon 60000\nactive_file 30000\ninactive_file 20000\nslab_reclaimable 10000\n",
                ),
                ("sys/fs/cgroup/pod/memory.max", "max\n"),
                ("sys/fs/cgroup/pod/memory.current", "900000\n"),
            ],
        );
        assert_used(&memory, Some(65.0));
    }

    #[test]
    fn version_1_inside_a_container() {
        let memory = memory(
            "v1",
            &[
                MACHINE,
                ("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/of/the/host\n0::/\n"),
                ("sys/fs/cgroup/memory/memory.limit_in_bytes", "200000\n"),
                ("sys/fs/cgroup/memory/memory.usage_in_bytes", "100000\n"),
            ],
        );
        assert_used(&memory, Some(50.0));
    }

    #[test]
    fn the_fullest_group_counts() {
        let memory = memory(
            "nested",
            &[
                MACHINE,
                ("proc/self/cgroup", "0::/pod/container\n"),
                ("sys/fs/cgroup/pod/container/memory.max", "200000\n"),
                ("sys/fs/cgroup/pod/container/memory.current", "20000\n"),
                ("sys/fs/cgroup/pod/memory.max", "400000\n"),
                ("sys/fs/cgroup/pod/memory.current", "320000\n"),
            ],
        );
        assert_used(&memory, Some(80.0));
    }

    #[test]
    fn without_a_limit_the_machine_counts() {
        let memory = memory(
            "machine",
            &[
                MACHINE,
                ("proc/self/cgroup", "4:memory:/\n"),
                ("proc/self/status", "Name: x\nVmRSS:\t     250 kB\n"),
                ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
                ("sys/fs/cgroup/memory/memory.usage_in_bytes", "999999\n"),
            ],
        );
        assert_used(&memory, Some(25.0));
    }

    #[test]
    fn a_system_that_tells_nothing_refuses_nothing() {
        assert_used(&memory("nothing", &[("proc/other", "")]), None);
    }

    #[test]
    fn calls_are_taken_again_below_a_lower_mark() {
        let mut short = false;
        let course = [0.5, 0.91, 0.92, 0.95, 0.9, 0.88, 0.91, 0.93];
        let seen = course.map(|used| {
            short = is_short(short, used, 0.92);
            short
        });
        assert_eq!(seen, [false, false, true, true, true, false, false, true]);
    }
}
