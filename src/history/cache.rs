//! The columns of the past, so that a run's record is read only once; a file for each month of records,
//! so that one more run rewrites only the newest.
//!
//! The cache is never trusted and never asked for: any damage, or another version, reads as none.
//! Layout of a file: [`MAGIC`], then a zstd frame of the cases (texts and lists once each, by number) and of
//! the runs (records, head as JSON, columns of results). Numbers are LEB128.

use std::{collections::HashMap, io::Read, sync::Arc};

use super::{Failing, Known, Measurement, Outline, PastRun, objects::Object, outline::summed};
use crate::model::{CaseId, Outcome, Shape};

/// What the file begins with; the digit is the version, which also goes up when failures get other shapes.
const MAGIC: &[u8] = b"lkpast3\n";
/// Where the cache stands in a history.
pub(super) const FOLDER: &str = "cache/past-v1";

/// A run with the records that it was made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cached {
    /// All records of the run, by name.
    pub(super) records: Vec<Object>,
    /// The run; its outlines point to the cases that go with it.
    pub(super) run: PastRun,
}

/// The file that has the run of these records: that of their month.
pub(super) fn file_of(records: &[Object]) -> String {
    let name = records.first().map_or("", |it| it.name.as_str());
    let month = name.strip_prefix("runs/").and_then(|it| it.rsplit_once('/')).map_or("", |it| it.0);
    format!("{FOLDER}/{}.zst", month.replace('/', "-"))
}

/// Some runs with their records, and those of the cases and shapes that they point to, as one file.
pub(super) fn encode(
    (cases, shapes): (&[Known], &[Shape]),
    runs: &[(&[Object], &PastRun)],
) -> std::io::Result<Vec<u8>> {
    let mut out = Writer(Vec::with_capacity(1 << 20));
    let mut texts = Numbers::default();
    let mut lists = Numbers::default();
    let mut rows = Writer(Vec::new());
    let of_results = |run: &PastRun| run.results.iter().map(|it| it.case).collect();
    let (places, used) = self::used(cases.len(), runs, of_results);
    let of_failures = |run: &PastRun| run.failures.iter().map(|it| it.shape).collect();
    let (shape_places, used_shapes) = self::used(shapes.len(), runs, of_failures);
    let (mut above, mut lists_above) = ([None; 4], [None; 3]);
    for case in used.iter().map(|it| &cases[*it]) {
        rows.0.extend(case.id.0.to_le_bytes());
        let columns =
            [Some(&case.suite), Some(&case.name), case.feature.as_ref(), case.rule.as_ref()];
        for (text, above) in columns.into_iter().zip(&mut above) {
            rows.number(text.map_or(0, |it| 1 + texts.below(above, it)));
        }
        for (list, above) in
            [&case.path, &case.example, &case.tags].into_iter().zip(&mut lists_above)
        {
            if above.is_none_or(|(it, _)| it != list) {
                list.iter().for_each(|it| _ = texts.of(it));
            }
            rows.number(lists.below(above, list));
        }
    }
    out.number(texts.all.len() as u64);
    texts.all.iter().for_each(|it| out.text(it));
    out.number(lists.all.len() as u64);
    for list in &lists.all {
        out.number(list.len() as u64);
        list.iter().for_each(|it| out.number(texts.of(it)));
    }
    out.number(used.len() as u64);
    out.0.append(&mut rows.0);
    out.number(used_shapes.len() as u64);
    for Shape { type_name, message, place } in used_shapes.iter().map(|it| &shapes[*it]) {
        [type_name, message, place].into_iter().for_each(|it| out.text(it));
    }
    out.number(runs.len() as u64);
    runs.iter().for_each(|(records, run)| out.run(records, run, (&places, &shape_places)));
    let mut packer = zstd::bulk::Compressor::new(1)?;
    packer.include_checksum(true)?;
    Ok([MAGIC, &packer.compress(&out.0)?].concat())
}

/// For each of `n` things its place among those that `runs` point to, and these in order.
fn used(
    n: usize,
    runs: &[(&[Object], &PastRun)],
    of: impl Fn(&PastRun) -> Vec<u32>,
) -> (Vec<u32>, Vec<usize>) {
    let mut places = vec![0; n];
    runs.iter().flat_map(|(_, run)| of(run)).for_each(|it| places[it as usize] = 1);
    let used: Vec<usize> = (0..n).filter(|it| places[*it] > 0).collect();
    (0..).zip(&used).for_each(|(place, it)| places[*it] = place);
    (places, used)
}

/// What a file of the cache holds, if it is sound.
pub(super) fn decode(bytes: &[u8]) -> Option<(Vec<Known>, Vec<Shape>, Vec<Cached>)> {
    let frame = bytes.strip_prefix(MAGIC)?;
    let mut body = Vec::with_capacity(frame.len() * 4);
    zstd::Decoder::with_buffer(frame).ok()?.read_to_end(&mut body).ok()?;
    let mut rest = Reader(&body);
    let texts = rest.many(|it| it.text().map(Arc::from))?;
    let text = |it: &mut Reader<'_>| {
        let number = it.number()?;
        match number.checked_sub(1) {
            Some(at) => texts.get(usize::try_from(at).ok()?).map(|it| Some(Arc::clone(it))),
            None => Some(None),
        }
    };
    let lists: Vec<Arc<[Arc<str>]>> =
        rest.many(|it| it.many(|it| texts.get(it.index()?).map(Arc::clone)).map(Arc::from))?;
    let cases = rest.many(|it| {
        let id = CaseId(u64::from_le_bytes(it.bytes(8)?.try_into().ok()?));
        let (suite, name, feature, rule) = (text(it)??, text(it)??, text(it)?, text(it)?);
        let mut list = || lists.get(it.index()?).map(Arc::clone);
        let (path, example, tags) = (list()?, list()?, list()?);
        Some(Known { id, suite, path, feature, rule, name, example, tags })
    })?;
    let shapes = rest.many(|it| {
        let mut text = || it.text().map(Box::from);
        Some(Shape { type_name: text()?, message: text()?, place: text()? })
    })?;
    let runs = rest.many(|it| it.run(cases.len(), shapes.len()))?;
    Some((cases, shapes, runs))
}

/// Numbers for things in the order in which they were first asked for.
struct Numbers<'a, T: ?Sized> {
    all: Vec<&'a Arc<T>>,
    places: HashMap<&'a T, u64>,
}

impl<T: ?Sized> Default for Numbers<'_, T> {
    fn default() -> Self {
        Self { all: Vec::new(), places: HashMap::new() }
    }
}

impl<'a, T: ?Sized + Eq + std::hash::Hash> Numbers<'a, T> {
    /// The number of what stands below `above` in a column, where most is the same as above.
    fn below(&mut self, above: &mut Option<(&'a Arc<T>, u64)>, it: &'a Arc<T>) -> u64 {
        let number = above.filter(|above| above.0 == it).map_or_else(|| self.of(it), |it| it.1);
        *above = Some((it, number));
        number
    }

    fn of(&mut self, it: &'a Arc<T>) -> u64 {
        *self.places.entry(&**it).or_insert_with(|| {
            self.all.push(it);
            self.all.len() as u64 - 1
        })
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn run(&mut self, records: &[Object], run: &PastRun, (places, shapes): (&[u32], &[u32])) {
        self.number(records.len() as u64);
        for record in records {
            self.text(&record.name);
            self.number(record.bytes);
        }
        self.text(&serde_json::to_string(&run.head).expect("a head has string keys"));
        self.number(run.attempts.into());
        self.number(run.problems.into());
        self.number(run.results.len() as u64);
        // Column by column, because like packs well beside like.
        let mut next = 0;
        for result in &run.results {
            let case = places[result.case as usize];
            self.number(u64::from(case.wrapping_sub(next)));
            next = case.wrapping_add(1);
        }
        run.results.iter().for_each(|it| self.number(it.millis.wrapping_add(1).into()));
        self.0.extend(run.results.iter().map(|it| it.attempts));
        self.0.extend(run.results.iter().map(|it| it.outcome as u8 | u8::from(it.flaky) << 7));
        self.number(run.failures.len() as u64);
        for Failing { case, shape } in &run.failures {
            self.number(places[*case as usize].into());
            self.number(shapes[*shape as usize].into());
        }
        self.number(run.measured.len() as u64);
        for Measurement { case, values } in &run.measured {
            self.number(places[*case as usize].into());
            values.iter().for_each(|it| self.number(it.wrapping_add(1).into()));
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, n: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(bytes)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn index(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    fn small(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.index()?;
        std::str::from_utf8(self.bytes(length)?).ok()
    }

    fn many<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        // Each takes at least a byte, so that a damaged number cannot ask for all memory.
        let n = self.index().filter(|n| *n <= self.0.len())?;
        (0..n).map(|_| one(self)).collect()
    }

    fn run(&mut self, cases: usize, shapes: usize) -> Option<Cached> {
        let records =
            self.many(|it| Some(Object { name: it.text()?.to_owned(), bytes: it.number()? }))?;
        let head = serde_json::from_str(self.text()?).ok()?;
        let counted = (self.index()?, self.index()?);
        let mut next = 0_u32;
        let mut results: Vec<Outline> = self.many(|it| {
            let case = next.wrapping_add(it.small()?);
            next = case.wrapping_add(1);
            let blank =
                Outline { case, millis: 0, attempts: 0, outcome: Outcome::Unknown, flaky: false };
            ((case as usize) < cases).then_some(blank)
        })?;
        for result in &mut results {
            result.millis = self.small()?.wrapping_sub(1);
        }
        let attempts = self.bytes(results.len())?;
        let outcomes = self.bytes(results.len())?;
        for ((result, attempts), outcome) in results.iter_mut().zip(attempts).zip(outcomes) {
            result.attempts = *attempts;
            result.outcome = *Outcome::ALL.get(usize::from(outcome & 0x7f))?;
            result.flaky = outcome & 0x80 != 0;
        }
        let failures = self.many(|it| {
            let (case, shape) = (it.small()?, it.small()?);
            let is_known = (case as usize) < cases && (shape as usize) < shapes;
            is_known.then_some(Failing { case, shape })
        })?;
        let measured: Vec<Measurement> = self.many(|it| {
            let case = it.small().filter(|case| (*case as usize) < cases)?;
            let mut values = [0; 5];
            for value in &mut values {
                *value = it.small()?.wrapping_sub(1);
            }
            Some(Measurement { case, values })
        })?;
        let run = PastRun {
            measured: measured.into(),
            ..summed(head, (results.into(), failures.into()), counted)
        };
        Some(Cached { records, run })
    }
}
