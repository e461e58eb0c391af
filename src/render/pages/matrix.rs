//! `/matrix/`: what works together?

use super::context::{Context, state_mark};
use crate::{
    model::{Combination, Outcome, Version},
    render::{
        address, format,
        mark::Mark,
        view::{
            self, Axis, Command, Empty, Link, Matrix, MatrixCell, MatrixPage, MatrixRow,
            Recommended, Section,
        },
    },
    report::{Cell, STRENGTH, State, Tab},
};

/// One page a tab; the first is the matrix.
pub(in crate::render) fn matrices(context: &Context<'_>) -> Vec<(String, MatrixPage)> {
    let tabs = &context.report.tabs;
    if tabs.is_empty() {
        let path = address::matrix(0, "");
        return vec![(path.clone(), page(context, &path, None))];
    }
    let at = |(n, tab): (usize, &Tab)| {
        let path = address::matrix(n, &title(tab));
        let view = page(context, &path, Some((n, tab)));
        (path, view)
    };
    tabs.iter().enumerate().map(at).collect()
}

fn page(context: &Context<'_>, path: &str, shown: Option<(usize, &Tab)>) -> MatrixPage {
    let mut shell = context.shell(path, Section::Matrix, "Compatibility matrix");
    let recommended = recommended(context);
    shell.answer = match (&recommended, shown) {
        (Some(_), _) => told(context),
        (None, Some(_)) => {
            "No combination is free of failures and tested by every suite; the cells say what is missing.".to_owned()
        }
        (None, None) => "No run names a version yet.".to_owned(),
    };
    let tabs = context.report.tabs.iter().enumerate().map(|(n, tab)| view::Tab {
        text: title(tab),
        href: address::matrix(n, &title(tab)),
        current: shown.is_some_and(|(it, _)| it == n),
    });
    let small = shown.filter(|(_, tab)| tab.columns.is_some() && tab.suites.len() > 1);
    MatrixPage {
        tabs: tabs.collect(),
        matrix: shown.map(|(_, tab)| matrix(context, tab, None)),
        suites: small.map_or_else(Vec::new, |(_, tab)| {
            let is_told = |it: &Matrix| {
                it.rows.iter().flat_map(|row| &row.cells).any(|cell| cell.mark != Mark::Untested)
            };
            let suites = tab.suites.iter();
            suites.map(|suite| matrix(context, tab, Some(suite))).filter(is_told).collect()
        }),
        slices: shown.map_or_else(String::new, |(_, tab)| address::slices(&title(tab))),
        recommended,
        legend: Mark::LEGEND.to_vec(),
        stances: shown.map_or_else(Vec::new, |_| super::published::legend(context)),
        exports: vec![
            Link { text: "Markdown".to_owned(), href: "matrix/matrix.md".to_owned() },
            Link { text: "CSV".to_owned(), href: "matrix/matrix.csv".to_owned() },
            Link { text: "JSON".to_owned(), href: "api/v1/matrix.json".to_owned() },
        ],
        empty: shown.is_none().then(no_versions),
        shell,
    }
}

/// How the combinations came out, the best first: `Of 4 combinations 2 passed, 1 failed.`
fn told(context: &Context<'_>) -> String {
    let combinations = &context.report.combinations;
    let cells = || combinations.iter().filter_map(|id| context.report.cells.get(id));
    let named = || cells().filter(|it| !it.versions.is_empty());
    let said = STRENGTH[1..].iter().filter_map(|state| {
        let n = named().filter(|it| it.state == *state).count();
        (n > 0).then(|| format!("{} {}", format::number(n as u64), state.word()))
    });
    let said: Vec<String> = said.collect();
    let all = format::counted(named().count() as u64, "combination");
    format!("Of {all} that ran, {}.", said.join(", "))
}

/// What to do while no run names a version.
pub(super) fn no_versions() -> Empty {
    Empty {
        text: "A run that names the versions it ran on becomes a cell here; two versions of a component become a matrix.".to_owned(),
        command: Some(Command {
            purpose: "Name the versions of a run".to_owned(),
            line: "lkreport build --results target/ --meta livekit=1.13.5 --meta client-js=2.18.1".to_owned(),
        }),
    }
}

fn recommended(context: &Context<'_>) -> Option<Recommended> {
    let id = context.report.recommended.as_ref()?;
    let cell = context.report.cells.get(id)?;
    Some(Recommended {
        cell: Link { text: cell.versions.to_string(), href: address::cell(id) },
        reason: "the newest with no unexplained failure and no untested suite".to_owned(),
    })
}

/// What a tab is called.
pub(super) fn title(tab: &Tab) -> String {
    let columns = tab.columns.as_ref().map_or("suite", |it| &it.component);
    format!("{} × {columns}", tab.rows.component)
}

/// A tab's versions against each other, of one suite or of all.
pub(super) fn matrix(context: &Context<'_>, tab: &Tab, suite: Option<&str>) -> Matrix {
    let n = context.report.tabs.iter().position(|it| it == tab).unwrap_or_default();
    let plain = |text: &str| Axis { text: text.to_owned(), href: None };
    let columns: Vec<Axis> = match &tab.columns {
        Some(axis) => axis.versions.iter().map(|it| plain(it.as_str())).collect(),
        None => (tab.suites.iter())
            .map(|it| Axis { text: it.clone(), href: Some(address::suite_cases(it, 1)) })
            .collect(),
    };
    let row = |version: &Version| {
        let id = tab.versions(version, None).id();
        let href = context.report.cells.contains_key(&id).then(|| address::cell(&id));
        let cells = match &tab.columns {
            Some(axis) => (axis.versions.iter())
                .map(|it| pair(context, &tab.versions(version, Some(it)), suite))
                .collect(),
            None => (tab.suites.iter())
                .map(|it| pair(context, &tab.versions(version, None), Some(it)))
                .collect(),
        };
        MatrixRow { axis: Axis { text: version.to_string(), href }, cells }
    };
    Matrix {
        title: suite.map_or_else(|| title(tab), ToOwned::to_owned),
        href: Some(address::matrix(n, &title(tab))),
        rows_are: tab.rows.component.clone(),
        columns_are: tab
            .columns
            .as_ref()
            .map_or_else(|| "suite".to_owned(), |it| it.component.clone()),
        columns,
        rows: tab.rows.versions.iter().map(row).collect(),
    }
}

fn pair(context: &Context<'_>, versions: &Combination, suite: Option<&str>) -> MatrixCell {
    let untested = MatrixCell {
        mark: Mark::Untested,
        aged: false,
        href: None,
        n: String::new(),
        date: String::new(),
        stance: String::new(),
        words: format!("{versions}: untested"),
    };
    let Some(cell) = context.report.cells.get(&versions.id()) else { return untested };
    let (state, counts, last) = match suite {
        None => (cell.state, cell.counts, cell.runs.last().copied()),
        Some(suite) => match cell.suites.get(suite) {
            Some(it) => (it.state, it.counts, Some(it.last_run)),
            None => return untested,
        },
    };
    let Some(last) = last.filter(|_| state != State::Untested) else { return untested };
    let date = format::date(context.run(last).head.started);
    let passed = format::number(counts.of(Outcome::Passed).into());
    let n = format!("{passed} of {}", format::number(counts.evidence().into()));
    // What is published is held against the whole cell.
    let (stance, compared) = match suite {
        None => super::published::of_cell(context, &versions.id()),
        Some(_) => Default::default(),
    };
    MatrixCell {
        mark: state_mark(state),
        aged: cell.aged,
        href: Some(address::cell(&versions.id())),
        words: words(
            cell,
            &format!("{versions}: {}, {n} passed, last tested {date}{compared}", state.word()),
        ),
        n,
        date,
        stance,
    }
}

fn words(cell: &Cell, said: &str) -> String {
    if cell.aged { format!("{said}; long ago") } else { said.to_owned() }
}

/// The matrix as CSV, one line a cell: <https://www.rfc-editor.org/rfc/rfc4180>.
pub(in crate::render) fn csv(context: &Context<'_>) -> String {
    let mut text = "versions,suite,state,passed,of,last tested,runs\r\n".to_owned();
    for cell in context.report.cells.values() {
        for (suite, it) in &cell.suites {
            let date = format::date(context.run(it.last_run).head.started);
            let fields = [
                cell.versions.to_string(),
                suite.clone(),
                it.state.word().to_owned(),
                it.counts.of(Outcome::Passed).to_string(),
                it.counts.evidence().to_string(),
                date,
                cell.runs.len().to_string(),
            ];
            let quoted: Vec<String> = fields.iter().map(|it| csv_field(it)).collect();
            text += &quoted.join(",");
            text += "\r\n";
        }
    }
    text
}

/// A leading `=`, `+`, `-` or `@` would be a formula to spreadsheets, so it is set behind a quote.
fn csv_field(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}
