//! What a flood needs of the system, counted before it begins: files, ports and memory, and what to change if there is not
//! enough.

use crate::cli::Failure;
use crate::cli::serve::room::files;
use crate::flood::Plan;

/// Files beside the connections: standard streams, reports, and what is read.
const FILES_BESIDE: usize = 32;

/// Files of each thread: its event queue, and what wakes it.
const FILES_PER_THREAD: usize = 4;

/// What a user takes of memory, its two sockets in the system among it.
const KIB_PER_USER: u64 = 32;

/// Says what is missing, with what to change.
pub(super) fn check(plan: &Plan) -> Result<(), Failure> {
    let users = 2 * plan.pairs;
    let found = [
        too_few_files(users, plan.threads),
        too_few_ports(users, plan.sources.len().max(1), ports()),
        too_little_memory(users as u64, memory_kib()),
    ];
    let found: Vec<String> = found.into_iter().flatten().collect();
    if found.is_empty() {
        Ok(())
    } else {
        Err(Failure::Usage(found.join("\n")))
    }
}

fn too_few_files(users: usize, threads: usize) -> Option<String> {
    let files = files()?;
    let needed = users + FILES_BESIDE + FILES_PER_THREAD * threads;
    (needed > files).then(|| {
        format!(
            "{users} users need {needed} open files, and the system lets this process open {files}\nhint: `ulimit -n {needed}` before it, or {} users in each of several processes",
            files.saturating_sub(FILES_BESIDE + FILES_PER_THREAD * threads)
        )
    })
}

fn too_few_ports(users: usize, sources: usize, ports: Option<usize>) -> Option<String> {
    let ports = ports?;
    (users > sources * ports).then(|| {
        format!(
            "{users} users need as many ports, and {sources} source addresses have {}\nhint: more addresses, as `--source 127.0.0.2..127.0.0.{}`, or a wider net.ipv4.ip_local_port_range",
            sources * ports,
            2 + users / ports.max(1)
        )
    })
}

fn too_little_memory(users: u64, free_kib: Option<u64>) -> Option<String> {
    let free_kib = free_kib?;
    let needed = users * KIB_PER_USER;
    (needed > free_kib).then(|| {
        format!(
            "{users} users need about {} MiB, and {} MiB are free\nhint: fewer users, or several machines",
            needed / 1024,
            free_kib / 1024
        )
    })
}

/// How many ports the system gives out for each source address, where it tells.
fn ports() -> Option<usize> {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let mut ends = range.split_whitespace().map(str::parse::<usize>);
    let (Some(Ok(first)), Some(Ok(last))) = (ends.next(), ends.next()) else {
        return None;
    };
    Some((last + 1).saturating_sub(first))
}

/// How much memory is free, where the system tells.
fn memory_kib() -> Option<u64> {
    let told = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = told
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_counted_and_has_a_remedy() {
        assert_eq!(too_few_ports(100, 1, Some(100)), None);
        let told = too_few_ports(201, 1, Some(100)).unwrap();
        assert!(told.contains("--source 127.0.0.2..127.0.0.4"), "{told}");
        assert_eq!(too_few_ports(200, 2, Some(100)), None);
        assert_eq!(too_little_memory(10, Some(320)), None);
        assert!(too_little_memory(11, Some(320)).is_some());
        assert_eq!(too_little_memory(1_000_000, None), None);
    }
}
