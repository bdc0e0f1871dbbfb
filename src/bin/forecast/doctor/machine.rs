//! Processor, threads and memory, with the limits of a container.

use std::thread;

use sysinfo::{CpuRefreshKind, MemoryRefreshKind, ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System};

use crate::doctor::check::Check;

/// Bytes that a run on a small file needs, with the default model: 223 MB were measured, and a margin is added.
const MIN_MEMORY: u64 = 350 << 20;
const MEMORY_HINT: &str = "end other programs, or give the container more memory, as in `docker run --memory 2g`; \
                           `--threads 1` and `--model seasonal-naive` need the least";

/// The vector instructions that libtorch uses where the processor has them. It computes without them, too.
pub(super) fn processor() -> Check {
    let extensions = vector_extensions();
    let finding =
        if extensions.is_empty() { "no vector instructions, training is slow".into() } else { extensions.join(", ") };
    Check::good("processor", finding)
}

#[cfg(target_arch = "x86_64")]
fn vector_extensions() -> Vec<&'static str> {
    let found = [
        ("sse4.2", is_x86_feature_detected!("sse4.2")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
    ];
    found.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect()
}

#[cfg(not(target_arch = "x86_64"))]
fn vector_extensions() -> Vec<&'static str> {
    // every 64-bit processor of ARM has them
    if cfg!(target_arch = "aarch64") { vec!["neon"] } else { Vec::new() }
}

/// The threads that a run uses, out of the processors. A cgroup or an affinity may leave fewer.
pub(super) fn threads() -> Check {
    let system = System::new_with_specifics(RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing()));
    let (threads, processors) = (rayon::current_num_threads(), system.cpus().len());
    let allowed = thread::available_parallelism().map_or(threads, usize::from);
    let limit = if allowed < processors { format!(", of which this process may use {allowed}") } else { String::new() };
    Check::good("threads", format!("{threads} for {processors} processors{limit}"))
}

/// The memory of the computer, and what its cgroup leaves to this process, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    total: u64,
    available: u64,
    /// The limit of the cgroup, and what is in use of it; `None` without a limit.
    limit: Option<(u64, u64)>,
}

impl Memory {
    pub(super) fn read() -> Self {
        let mut system = System::new();
        system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let limits = sysinfo::get_current_pid().ok().and_then(|own| {
            system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), false, ProcessRefreshKind::nothing());
            system.process(own)?.cgroup_limits()
        });
        // where the group of the process is not visible, as in many containers, the whole file system of groups is that group
        let limits = limits.or_else(|| system.cgroup_limits());
        let (total, available) = (system.total_memory(), system.available_memory());
        let limit = limits.filter(|limits| limits.total_memory < total).map(|limits| (limits.total_memory, limits.rss));
        Self { total, available, limit }
    }

    /// Bytes that this process can still get.
    fn left(self) -> u64 {
        let within_limit = self.limit.map_or(u64::MAX, |(limit, used)| limit.saturating_sub(used));
        self.available.min(within_limit)
    }

    pub(super) fn check(self) -> Check {
        let of_group = self.limit.map(|(limit, _)| format!(", of which the cgroup allows {}", in_words(limit)));
        let finding =
            format!("{} free of {}{}", in_words(self.left()), in_words(self.total), of_group.unwrap_or_default());
        if self.total == 0 {
            return Check::good("memory", "not known on this system");
        }
        if self.left() < MIN_MEMORY {
            let needed = in_words(MIN_MEMORY);
            return Check::bad("memory", format!("{finding}; a run needs about {needed}"), MEMORY_HINT);
        }
        Check::good("memory", finding)
    }
}

/// `21.3 GB` or `350 MB`, in powers of 1024 as most tools count.
fn in_words(bytes: u64) -> String {
    if bytes < 1 << 30 { format!("{} MB", bytes >> 20) } else { format!("{:.1} GB", bytes as f64 / f64::from(1 << 30)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn enough_memory_is_good() {
        let check = Memory { total: 8 * GIB, available: 3 * GIB, limit: None }.check();
        assert!(check.is_good());
        assert_eq!(check.finding, "3.0 GB free of 8.0 GB");
    }

    #[test]
    fn too_little_free_memory_has_a_hint() {
        let check = Memory { total: 8 * GIB, available: 200 << 20, limit: None }.check();
        assert_eq!(check.finding, "200 MB free of 8.0 GB; a run needs about 350 MB");
        assert!(check.hint.unwrap().contains("end other programs"));
    }

    #[test]
    fn a_cgroup_counts_although_the_computer_has_more() {
        let check = Memory { total: 64 * GIB, available: 60 * GIB, limit: Some((GIB / 2, GIB / 4)) }.check();
        assert_eq!(
            check.finding,
            "256 MB free of 64.0 GB, of which the cgroup allows 512 MB; a run needs about 350 MB"
        );
        assert!(check.hint.unwrap().contains("--memory 2g"));
        let roomy = Memory { total: 64 * GIB, available: 60 * GIB, limit: Some((2 * GIB, GIB / 4)) }.check();
        assert_eq!(roomy.finding, "1.8 GB free of 64.0 GB, of which the cgroup allows 2.0 GB");
        assert!(roomy.is_good());
    }

    #[test]
    fn memory_of_an_unknown_system_is_no_failure() {
        assert!(Memory { total: 0, available: 0, limit: None }.check().is_good());
    }
}
