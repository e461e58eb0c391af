//! A folder of evidence as one packed file, and back.
//!
//! Packing is deterministic: names in order, no times, owners or modes. Unpacking trusts nothing in
//! the pack: only plain files with plain names come out, below the folder that was asked for.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Component, Path, PathBuf},
};

use tar::{Builder, EntryType, Header};
use walkdir::WalkDir;

/// The most bytes that come out of one pack.
const LARGEST: u64 = 4 << 30;
/// The most files that come out of one pack.
const MOST: usize = 100_000;

/// Packs the files below `folder` into `into`, and says how many there were.
///
/// Links and special files are left out.
pub(super) fn pack(folder: &Path, into: &mut impl Write) -> io::Result<usize> {
    let mut frame = zstd::Encoder::new(into, 3)?;
    frame.include_checksum(true)?;
    let mut pack = Builder::new(frame);
    let mut packed = 0;
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(io::Error::other)?;
        let below = entry.path().strip_prefix(folder).ok().and_then(plain_name);
        let (Some(name), true) = (below, entry.file_type().is_file()) else { continue };
        let file = File::open(entry.path())?;
        let bytes = file.metadata()?.len();
        let mut header = Header::new_gnu();
        header.set_size(bytes);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_entry_type(EntryType::Regular);
        // A file that still grows must not run over what its header says, nor fall short of it.
        let content = file.chain(io::repeat(0)).take(bytes);
        pack.append_data(&mut header, name, content)?;
        packed += 1;
    }
    pack.into_inner()?.finish()?;
    Ok(packed)
}

/// Unpacks what [`pack`] packed into `folder`, and says how many files came out.
///
/// # Errors
/// Where the pack is damaged or holds more than it may; what came out before stays.
pub(super) fn unpack(from: impl Read, folder: &Path) -> io::Result<usize> {
    each(from, |name, content| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        // A link that stands in the folder already would lead elsewhere.
        match fs::symlink_metadata(&path) {
            Ok(_) => fs::remove_file(&path)?,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => return Err(cause),
        }
        io::copy(content, &mut File::create_new(&path)?)
    })
}

/// Reads a pack to its end without writing anything, and says how many files it holds.
pub(super) fn check(from: impl Read) -> io::Result<usize> {
    each(from, |_, content| io::copy(content, &mut io::sink()))
}

/// The kept logs in a pack with their places, as far as they can be read.
pub(super) fn logs(from: impl Read) -> Vec<(String, String)> {
    let mut logs = Vec::new();
    let read = each(from, |name, content| {
        let is_log = name.starts_with("logs") && name.extension().is_some_and(|it| it == "log");
        if !is_log {
            return io::copy(content, &mut io::sink());
        }
        let mut bytes = Vec::new();
        let n = content.read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        logs.push((name.to_string_lossy().into_owned(), text));
        Ok(n as u64)
    });
    // What came out before the damage is as good as ever; `history verify` tells of the rest.
    drop(read);
    logs
}

/// Hands out each plain file in a pack, and counts them.
fn each(
    from: impl Read,
    mut take: impl FnMut(&Path, &mut dyn Read) -> io::Result<u64>,
) -> io::Result<usize> {
    let mut frame = zstd::Decoder::new(from)?.take(LARGEST);
    let mut pack = tar::Archive::new(&mut frame);
    let mut files = 0;
    for entry in pack.entries()? {
        let mut entry = entry?;
        let name = plain_name(&entry.path()?);
        let (Some(name), EntryType::Regular) = (name, entry.header().entry_type()) else {
            continue;
        };
        files += 1;
        if files > MOST {
            return Err(io::Error::other("holds too many files"));
        }
        take(&name, &mut entry)?;
    }
    // The checksum stands at the end of the frame, after what tar reads.
    io::copy(&mut frame, &mut io::sink())?;
    if frame.limit() == 0 { Err(io::Error::other("unpacks to too much")) } else { Ok(files) }
}

/// The name as it may stand below a folder on any system; `None` where nothing of it may.
fn plain_name(name: &Path) -> Option<PathBuf> {
    let plain = |c: char| match c {
        c if c.is_control() || r#"<>:"\|?*"#.contains(c) => '_',
        c => c,
    };
    let mut safe = PathBuf::new();
    for part in name.components() {
        match part {
            Component::Normal(part) => {
                safe.push(part.to_string_lossy().chars().map(plain).collect::<String>());
            }
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!safe.as_os_str().is_empty()).then_some(safe)
}
