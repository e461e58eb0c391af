//! What the engine started, written down so that whoever comes next can end what is left.
//!
//! A process is known by its number *and* its start, because numbers come back. It also carries a mark
//! in its environment: what was started and not yet written down when the engine was killed is found
//! by that, and so is what it started itself.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsStr,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use procfs::process::Process;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

/// The environment variable with the mark of the engine that started a process.
pub const MARK: &str = "LKREPORT_ENGINE";

/// What an engine started and has not ended yet.
#[derive(Debug)]
pub struct Ledger {
    file: PathBuf,
    mark: String,
    page: Mutex<Page>,
    lasts: AtomicBool,
}

/// A ledger as it lies on disk.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Page {
    /// The engine itself.
    engine: Known,
    /// The processes that run, by what their scenarios call them.
    processes: Vec<Known>,
    /// The directories that go when the run ends.
    directories: Vec<PathBuf>,
}

/// A process that cannot be mistaken for a later one of the same number.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    pid: u32,
    /// When it started, in ticks since the machine did.
    start: u64,
    /// Which start of the machine that was.
    boot: String,
    #[serde(default)]
    name: String,
}

/// What was left of engines that are gone, and was ended.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// Processes, by what their scenarios called them, with their numbers.
    pub processes: Vec<(String, u32)>,
    /// Directories.
    pub directories: Vec<PathBuf>,
}

/// Where ledgers lie unless somebody says otherwise: beside the stack, in `~/.cache/lkreport/running`.
#[must_use]
pub fn default_directory() -> PathBuf {
    crate::stack::default_directory().with_file_name("running")
}

/// Ledgers of this engine are numbered.
static LEDGERS: AtomicU32 = AtomicU32::new(1);

impl Ledger {
    /// A ledger of this process in a directory.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn open(below: &Path) -> io::Result<Self> {
        fs::create_dir_all(below)?;
        let engine = Known::of(process::id(), "engine").ok_or(io::ErrorKind::Unsupported)?;
        loop {
            // No two of one engine have the same mark, wherever they lie.
            let n = LEDGERS.fetch_add(1, Ordering::Relaxed);
            let mark = format!("{}-{}-{n}", engine.pid, engine.start);
            let file = below.join(format!("{mark}.json"));
            match fs::File::create_new(&file) {
                Ok(_) => {
                    let page = Page { engine, ..Page::default() };
                    let page = Mutex::new(page);
                    let ledger = Self { file, mark, page, lasts: AtomicBool::new(false) };
                    ledger.change(|_| ())?;
                    return Ok(ledger);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// What processes of this engine carry in [`MARK`].
    #[must_use]
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// A directory for what goes when the run ends.
    ///
    /// # Errors
    ///
    /// When it cannot be made or written down.
    pub fn directory(&self) -> io::Result<PathBuf> {
        let directory = env::temp_dir().join(format!("lkreport-{}", self.mark));
        self.change(|page| page.directories.push(directory.clone()))?;
        fs::create_dir_all(&directory)?;
        Ok(directory)
    }

    /// What is written down outlives this engine, until [`clean`] ends it.
    pub fn last(&self) {
        self.lasts.store(true, Ordering::Relaxed);
    }

    pub(super) fn started(&self, pid: u32, name: &str) -> io::Result<()> {
        let Some(known) = Known::of(pid, name) else { return Ok(()) };
        self.change(|page| page.processes.push(known))
    }

    pub(super) fn ended(&self, pid: u32) {
        // What is written down too long is not found alive later, and then it is nothing.
        _ = self.change(|page| page.processes.retain(|it| it.pid != pid));
    }

    fn change(&self, change: impl FnOnce(&mut Page)) -> io::Result<()> {
        let mut page = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut page);
        let new = self.file.with_extension("new");
        fs::File::create(&new)?.write_all(&serde_json::to_vec(&*page)?)?;
        fs::rename(new, &self.file)
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        if *self.lasts.get_mut() {
            return;
        }
        let page = self.page.get_mut().unwrap_or_else(PoisonError::into_inner);
        for directory in &page.directories {
            // What cannot be removed is temporary all the same.
            _ = fs::remove_dir_all(directory);
        }
        _ = fs::remove_file(&self.file);
    }
}

impl Known {
    fn of(pid: u32, name: &str) -> Option<Self> {
        let stat = Process::new(i32::try_from(pid).ok()?).ok()?.stat().ok()?;
        // A zombie has ended already; it waits for somebody to ask how.
        let start = Some(stat.starttime).filter(|_| stat.state != 'Z')?;
        Some(Self { pid, start, boot: boot(), name: name.to_owned() })
    }

    /// Whether this very process still runs.
    fn is_alive(&self) -> bool {
        Self::of(self.pid, "").is_some_and(|it| it.start == self.start && it.boot == self.boot)
    }

    /// Ends it; the handle is taken before it is looked at, so that it cannot become another.
    fn end(&self) -> bool {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        let Some(handle) = pid.and_then(|it| pidfd_open(it, PidfdFlags::empty()).ok()) else {
            return false;
        };
        self.is_alive() && pidfd_send_signal(&handle, Signal::KILL).is_ok()
    }
}

/// Which start of the machine this is.
pub(super) fn boot() -> String {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id");
    id.map(|it| it.trim().to_owned()).unwrap_or_default()
}

/// Ends what engines that are gone left behind.
///
/// # Errors
///
/// When the directory cannot be read. A ledger that is no JSON belongs to an engine that was killed
/// while it began, and is removed.
pub fn clean(below: &Path) -> io::Result<Cleaned> {
    let mut cleaned = Cleaned::default();
    let entries = match fs::read_dir(below) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(cleaned),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let file = entry?.path();
        let mark = file.file_stem().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        let page = fs::read(&file).ok().and_then(|it| serde_json::from_slice::<Page>(&it).ok());
        let is_running = page.as_ref().map_or_else(|| owner(&mark), |it| it.engine.is_alive());
        if is_running {
            continue;
        }
        let page = page.unwrap_or_default();
        end_all(&mark, &page, &mut cleaned);
        for directory in page.directories {
            if fs::remove_dir_all(&directory).is_ok() {
                cleaned.directories.push(directory);
            }
        }
        _ = fs::remove_file(file);
    }
    Ok(cleaned)
}

/// Whether the engine that a mark names still runs.
pub(super) fn owner(mark: &str) -> bool {
    let mut numbers = mark.split('-').map(str::parse::<u64>);
    let (Some(Ok(pid)), Some(Ok(start))) = (numbers.next(), numbers.next()) else { return false };
    let Ok(pid) = u32::try_from(pid) else { return false };
    Known { pid, start, boot: boot(), name: String::new() }.is_alive()
}

/// Ends what is written down and what carries the mark, until nothing of it is left.
fn end_all(mark: &str, page: &Page, cleaned: &mut Cleaned) {
    let end = Instant::now() + Duration::from_secs(5);
    let mut ended = BTreeMap::new();
    loop {
        let written = page.processes.iter().cloned();
        let left: Vec<Known> =
            written.chain(marked(mark)).filter(|it| it.boot == boot() && it.is_alive()).collect();
        for it in &left {
            if it.end() {
                let name = if it.name.is_empty() { "process" } else { it.name.as_str() };
                ended.entry(it.pid).or_insert_with(|| name.to_owned());
            }
        }
        if left.is_empty() || Instant::now() >= end {
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    cleaned.processes.extend(ended.into_iter().map(|(pid, name)| (name, pid)));
}

/// The processes that carry a mark.
fn marked(mark: &str) -> Vec<Known> {
    let carries = |it: &Process| {
        let environment = it.environ().unwrap_or_default();
        environment.get(OsStr::new(MARK)).is_some_and(|it| it.as_os_str() == OsStr::new(mark))
    };
    let all = procfs::process::all_processes().into_iter().flatten().flatten();
    let pids = all.filter(carries).filter_map(|it| u32::try_from(it.pid).ok());
    pids.filter_map(|it| Known::of(it, "")).collect()
}
