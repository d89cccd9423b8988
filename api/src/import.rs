//! `feedkeeper import`: registrations from a file of JSON Lines, each line what `PUT /v1/apps/{app_id}` takes, and `app_id`.
//!
//! A page of lines is one commit: its apps, its refusals, and how far the file was read. So an import that was killed goes on
//! behind the last line that was written, and each line counts once. A file is known by its path and by what was read of
//! it; where the text has changed, it begins anew, and where it has grown, it goes on.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::Path;

use entities::{Db, import, import_refusal};
use sea_orm::EntityTrait;
use sea_orm::prelude::DateTimeUtc;
use sha2::{Digest, Sha256};
use worker::migrating::Terms;

use crate::BODY_LIMIT;
use crate::problem::Problem;
use crate::registration::{Checked, Registration, Saving};

/// The most lines of one commit: while it lasts, on SQLite, nobody else writes.
const PAGE: usize = 500;
/// The most bytes of one.
const PAGE_BYTES: u64 = 4 * 1024 * 1024;

/// A file that is being imported.
#[derive(Debug)]
pub struct Import {
    file: BufReader<File>,
    size: u64,
    /// Of what was read so far.
    hash: Sha256,
    at: import::Model,
}

/// What ends an import before its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("{0} cannot be read")]
    File(String, #[source] std::io::Error),
    /// It is a folder, or a pipe.
    #[error("{0} is no file: what is read once cannot be gone on with")]
    NoFile(String),
    /// Two at once.
    #[error("{0} is being imported by another process, too: wait for its end")]
    Elsewhere(String),
    /// The database is away. The import can be gone on with.
    #[error(transparent)]
    Db(#[from] sea_orm::DbErr),
}

/// A line, or what is kept of one that is too long.
struct Line {
    text: Vec<u8>,
    is_too_long: bool,
    bytes: u64,
}

impl Import {
    /// Opens a file, where it was left if it was left.
    pub async fn open(db: &Db, path: &Path, now: DateTimeUtc) -> Result<Self, ImportError> {
        let name = path.display().to_string();
        let unread = |error| ImportError::File(name.clone(), error);
        let path = path.canonicalize().map_err(unread)?;
        let opened = File::open(&path).map_err(unread)?;
        let facts = opened.metadata().map_err(unread)?;
        if !facts.is_file() {
            return Err(ImportError::NoFile(name));
        }
        let mut file = BufReader::new(opened);
        let known = import::Entity::find_by_id(path.display().to_string()).one(&db.read).await?;
        if let Some(at) = known
            && let Some(hash) = read_before(&mut file, &at, facts.len()).map_err(unread)?
        {
            return Ok(Self { file, size: facts.len(), hash, at });
        }
        file.rewind().map_err(unread)?;
        let hash = Sha256::new();
        let start = import::Model {
            file: path.display().to_string(),
            hash: hex(&hash),
            bytes: 0,
            lines: 0,
            made: 0,
            changed: 0,
            refused: 0,
            started_at: now,
            updated_at: now,
        };
        let tx = db.begin().await?;
        let at = import::Entity::begin(&tx, start).await?;
        tx.commit().await?;
        Ok(Self { file, size: facts.len(), hash, at })
    }

    /// Returns how far it is.
    pub fn progress(&self) -> &import::Model {
        &self.at
    }

    /// Returns how large the file was when it was opened, in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Writes the next page; `false` if there is none.
    pub async fn step(&mut self, db: &Db, terms: &Terms, now: DateTimeUtc) -> Result<bool, ImportError> {
        let mut to = self.at.clone();
        let (mut apps, mut refused, mut bytes) = (Vec::new(), Vec::new(), 0);
        for _ in 0..PAGE {
            let line = next_line(&mut self.file, &mut self.hash);
            let Some(line) = line.map_err(|error| ImportError::File(self.at.file.clone(), error))? else { break };
            bytes += line.bytes;
            to.lines += 1;
            match line.read(to.lines == 1) {
                Some(Ok(app)) => apps.push(app),
                Some(Err(problem)) => refused.push(refusal(&to, problem)),
                None => {}
            }
            if bytes >= PAGE_BYTES {
                break;
            }
        }
        if bytes == 0 {
            return Ok(false);
        }
        to.bytes += i64::try_from(bytes).unwrap_or(i64::MAX);
        to.refused += i64::try_from(refused.len()).unwrap_or(i64::MAX);
        to.hash = hex(&self.hash);
        to.updated_at = now;
        let tx = db.begin().await?;
        if !import::Entity::lock(&tx, &self.at).await? {
            return Err(ImportError::Elsewhere(to.file));
        }
        let counts = Saving::begin(&tx, terms, now).await?.write_page(apps).await?;
        (to.made, to.changed) = (to.made + counts.made, to.changed + counts.changed);
        import_refusal::Entity::keep(&tx, refused).await?;
        import::Entity::keep(&tx, &to).await?;
        tx.commit().await?;
        self.at = to;
        Ok(true)
    }
}

/// Reads what was read before, and returns its hash; `None` if it is another text. A last line that had no end, and goes on
/// by now, is another one.
fn read_before(file: &mut BufReader<File>, at: &import::Model, size: u64) -> std::io::Result<Option<Sha256>> {
    let mut left = u64::try_from(at.bytes).unwrap_or_default();
    let (is_whole, mut hash, mut last) = (left == size, Sha256::new(), b'\n');
    let mut piece = [0; 8192];
    while left > 0 {
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
        let read = match file.read(piece.get_mut(..wanted).unwrap_or_default())? {
            0 => return Ok(None),
            read => piece.get(..read).unwrap_or_default(),
        };
        hash.update(read);
        left -= read.len() as u64;
        last = read.last().copied().unwrap_or(last);
    }
    Ok(Some(hash).filter(|hash| hex(hash) == at.hash && (is_whole || last == b'\n')))
}

/// Reads up to the end of a line; of one that is too long no more is kept than tells that it is. `None` at the file's end.
fn next_line(file: &mut BufReader<File>, hash: &mut Sha256) -> std::io::Result<Option<Line>> {
    let mut line = Line { text: Vec::new(), is_too_long: false, bytes: 0 };
    loop {
        let read = file.fill_buf()?;
        let end = read.iter().position(|byte| *byte == b'\n');
        let piece = read.get(..end.map_or(read.len(), |end| end + 1)).unwrap_or_default();
        if piece.is_empty() {
            return Ok((line.bytes > 0).then_some(line));
        }
        hash.update(piece);
        line.is_too_long |= line.text.len() + piece.len() > BODY_LIMIT;
        if !line.is_too_long {
            line.text.extend_from_slice(piece);
        }
        let length = piece.len();
        line.bytes += length as u64;
        file.consume(length);
        if end.is_some() {
            return Ok(Some(line));
        }
    }
}

impl Line {
    /// Reads what it tells of an app; `None` if it is empty. Windows begins a file with a mark of its own.
    fn read(&self, is_first: bool) -> Option<Result<Checked, Problem>> {
        if self.is_too_long {
            return Some(Err(Problem::bad_request("body_too_large", "The line is longer than 256 KiB; send less.")));
        }
        let text = self.text.strip_prefix(b"\xef\xbb\xbf").filter(|_| is_first).unwrap_or(&self.text).trim_ascii();
        (!text.is_empty()).then(|| Registration::read(text, "line")?.check(None))
    }
}

fn refusal(at: &import::Model, problem: Problem) -> import_refusal::Model {
    let body = problem.into_body();
    // What the parser found stands in the only line that it was given.
    let detail = body.detail.replace(" at line 1 column ", " at column ");
    import_refusal::Model { file: at.file.clone(), line: at.lines, code: body.code.to_owned(), detail }
}

fn hex(hash: &Sha256) -> String {
    use std::fmt::Write;
    let digest = hash.clone().finalize();
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
