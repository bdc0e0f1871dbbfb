//! The folder whose files agents may read. A file is checked while it is opened; of a run only its folder is.

use std::fmt::Display;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};

use crate::exit_status::CliError;

/// The most files of one folder of runs, so that a large tree is not searched for links.
const MAX_FILES: usize = 10_000;
/// The most files that a hint names.
const MAX_NAMED: usize = 20;

/// A folder, whose files are opened relative to it. A file is checked while it is opened; of a run only its folder is.
pub(crate) struct Folder {
    dir: Dir,
    /// Its absolute path, without links.
    path: PathBuf,
}

/// A file or a folder that was checked. It stays open, so that another process finds the same one at [`Opened::path`].
pub(crate) struct Opened {
    /// As the agent named it.
    pub(crate) name: String,
    /// The path under which another process opens it.
    pub(crate) path: String,
    /// Keeps the file open.
    _handle: Handle,
}

/// What is kept open.
#[expect(dead_code, reason = "it is kept open, and read by another process")]
enum Handle {
    File(cap_std::fs::File),
    Folder(Dir),
}

impl Folder {
    /// Opens the folder of an agent.
    pub(crate) fn open(typed: &Path) -> anyhow::Result<Self> {
        let failed = |error: io::Error| {
            let hint = "give the folder with the data: `forecast mcp --folder DIR`";
            CliError::usage(format!("{} cannot be opened as a folder: {error}", typed.display()), hint)
        };
        let path = typed.canonicalize().map_err(failed)?;
        Ok(Self { dir: Dir::open_ambient_dir(&path, ambient_authority()).map_err(failed)?, path })
    }

    /// Opens a file with data.
    pub(crate) fn file(&self, name: &str) -> anyhow::Result<Opened> {
        let inner = self.relative(name)?;
        // a pipe would be waited for, a device may do anything
        let metadata = self.dir.metadata(&inner).map_err(|error| self.unopened(name, &error))?;
        if metadata.is_dir() {
            let hint = format!("name a file in it, such as one of these: {}", self.file_names(&inner));
            return Err(CliError::data(format!("{name} is a folder"), hint));
        }
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(libc::O_NONBLOCK);
        let file = self.dir.open_with(&inner, &options).map_err(|error| self.unopened(name, &error))?;
        if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Err(CliError::data(format!("{name} is neither a file nor a folder"), self.files_hint()));
        }
        Ok(Opened { name: name.to_owned(), path: outer_path(&file), _handle: Handle::File(file) })
    }

    /// Opens the folder of a run, or of several runs. It may have no links, which the reader of a run would follow.
    pub(crate) fn run(&self, name: &str) -> anyhow::Result<Opened> {
        let inner = self.relative(name)?;
        let dir = self.dir.open_dir(&inner).map_err(|error| self.unopened(name, &error))?;
        let mut files_left = MAX_FILES;
        check_entries(&dir, name, &mut files_left)?;
        Ok(Opened { name: name.to_owned(), path: outer_path(&dir), _handle: Handle::Folder(dir) })
    }

    /// A hint with the names of some files.
    pub(crate) fn files_hint(&self) -> String {
        format!("the folder has {}", self.file_names(Path::new(".")))
    }

    /// The path relative to this folder. A path that begins with the folder itself is one in it.
    fn relative(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = Path::new(name);
        let inner = if path.is_absolute() { path.strip_prefix(&self.path).ok() } else { Some(path) };
        match inner {
            Some(inner) if inner == Path::new("") => Ok(PathBuf::from(".")),
            Some(inner) => Ok(inner.to_path_buf()),
            None => Err(self.outside(name)),
        }
    }

    fn outside(&self, name: &str) -> anyhow::Error {
        CliError::usage(
            format!("{name} is outside of the folder {}, which is all that tools may read", self.path.display()),
            format!("give a path in it; {}", self.files_hint()),
        )
    }

    fn unopened(&self, name: &str, error: &io::Error) -> anyhow::Error {
        // the refusal of a path that leads outside is no error of the kernel
        if error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none() {
            return self.outside(name);
        }
        CliError::data(format!("{name} cannot be opened: {error}"), self.files_hint())
    }

    /// The first names in a folder, sorted; those of folders end with a slash.
    fn file_names(&self, inner: &Path) -> String {
        let name_of = |entry: io::Result<cap_std::fs::DirEntry>| {
            let entry = entry.ok()?;
            let slash = if entry.file_type().ok()?.is_dir() { "/" } else { "" };
            let name = entry.file_name().into_string().ok().filter(|name| !name.starts_with('.'))?;
            Some(format!("{name}{slash}"))
        };
        let entries = self.dir.read_dir(inner).into_iter().flatten();
        let mut names: Vec<String> = entries.filter_map(name_of).collect();
        names.sort();
        let more = names.len().saturating_sub(MAX_NAMED);
        names.truncate(MAX_NAMED);
        match (names.is_empty(), more) {
            (true, _) => "no file".to_owned(),
            (_, 0) => names.join(", "),
            (_, more) => format!("{} and {more} more", names.join(", ")),
        }
    }
}

/// The path under which another process opens what is open here. Only Linux has one.
fn outer_path(open: &impl AsRawFd) -> String {
    format!("/proc/{}/fd/{}", std::process::id(), open.as_raw_fd())
}

/// Refuses links, and more files than a run has.
fn check_entries(dir: &Dir, name: &str, files_left: &mut usize) -> anyhow::Result<()> {
    let unread = |error: &dyn Display| {
        CliError::data(format!("{name} cannot be read: {error}"), "name the folder that `forecast` wrote")
    };
    for entry in dir.entries().map_err(|error| unread(&error))? {
        let entry = entry.map_err(|error| unread(&error))?;
        let inner = format!("{name}/{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(|error| unread(&error))?;
        *files_left = files_left.checked_sub(1).ok_or_else(|| {
            let message = format!("{name} has more than {MAX_FILES} files, too many for a folder of runs");
            CliError::usage(message, "name the folder of one run")
        })?;
        if kind.is_dir() {
            check_entries(&entry.open_dir().map_err(|error| unread(&error))?, &inner, files_left)?;
        } else if !kind.is_file() {
            let message = format!("{inner} is a link or no file, which a run has not");
            return Err(CliError::usage(message, "copy the run itself into the folder"));
        }
    }
    Ok(())
}
