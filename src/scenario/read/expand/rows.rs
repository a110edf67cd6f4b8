//! `rows`: one case of a scenario for each.

use std::ops::Range;

use super::super::Reader;
use super::super::fields::{Field, Fields};
use crate::scenario::names;
use crate::scenario::problem;
use crate::scenario::tree::{Kind, Node};

/// The key that holds the rows, and the one of a row that names the case.
const ROWS: &str = "rows";
const CASE: &str = "case";

/// The tree of one case.
pub(in crate::scenario::read) struct Case {
    /// Its name, if the file has several.
    pub(in crate::scenario::read) name: Option<String>,
    /// The file as it reads in that case.
    pub(in crate::scenario::read) root: Node,
}

/// A row: the name of its case, and what its columns hold.
struct Row<'n> {
    case: &'n str,
    columns: Vec<Field<'n>>,
}

impl Reader<'_> {
    /// The cases of a file: one for each of its rows, or one alone if it has none.
    pub(in crate::scenario::read) fn cases(&mut self, root: &Node) -> Vec<Case> {
        let held = match &root.kind {
            Kind::Map(entries) => entries.iter().find(|(key, _)| is_rows(key)),
            Kind::Nothing | Kind::Template(_) | Kind::Text(_) | Kind::List(_) => None,
        };
        self.expansion.collect_saves(root);
        let Some((key, rows)) = held else {
            let root = self.expanded(root);
            return root
                .map(|root| Case { name: None, root })
                .into_iter()
                .collect();
        };
        let rows = self.rows(&key.span, rows);
        let mut unused: Vec<(&str, &Range<usize>)> = rows.first().map_or_else(Vec::new, |row| {
            row.columns.iter().map(|it| (it.key, it.key_at)).collect()
        });
        let mut cases = Vec::with_capacity(rows.len());
        let rest = without_rows(root);
        for row in &rows {
            for column in &row.columns {
                self.expansion
                    .give(column.key, column.key_at, column.value.clone());
            }
            let Some(root) = self.expanded(&rest) else {
                return cases;
            };
            let used = std::mem::take(&mut self.expansion.given);
            unused.retain(|(name, _)| !used.iter().any(|it| it.name == *name && it.is_used));
            cases.push(Case {
                name: Some(row.case.to_owned()),
                root,
            });
        }
        for (name, at) in unused {
            self.unused(name, at, "the column");
        }
        cases
    }

    fn rows<'n>(&mut self, key: &Range<usize>, value: &'n Node) -> Vec<Row<'n>> {
        let Kind::List(nodes) = &value.kind else {
            self.wrong_shape(value, "a list of rows, as `[{ case: NAME, … }]`");
            return Vec::new();
        };
        if nodes.is_empty() {
            self.log.add(
                problem::EMPTY,
                key,
                "`rows` is empty",
                "expected at least one",
            );
        }
        let mut rows: Vec<(Row<'n>, Field<'n>)> = Vec::new();
        for node in nodes {
            let Kind::Map(entries) = &node.kind else {
                self.wrong_shape(node, "a row, as `{ case: NAME, … }`");
                continue;
            };
            let mut fields = Fields::of(&mut self.log, entries);
            let Some(named) = self.needed(&fields, CASE, &node.span, "a row") else {
                continue;
            };
            let Some(case) = self.word(named.value, "the name of a case") else {
                continue;
            };
            if let Some((_, first)) = rows.iter().find(|(row, _)| row.case == case) {
                self.twice("case", case, &named.value.span, &first.value.span);
            }
            fields.all.retain(|field| field.key != CASE);
            if let Some((first, _)) = rows.first() {
                self.same_columns(&first.columns, &fields, &node.span);
            }
            let columns = fields.all;
            rows.push((Row { case, columns }, named));
        }
        rows.into_iter().map(|(row, _)| row).collect()
    }

    /// Notes where a row does not have the columns of the first.
    fn same_columns(&mut self, first: &[Field<'_>], row: &Fields<'_>, at: &Range<usize>) {
        for column in first {
            self.needed(row, column.key, at, "this row");
        }
        let known: Vec<&str> = first.iter().map(|column| column.key).collect();
        for field in row.all.iter().filter(|field| !known.contains(&field.key)) {
            self.log
                .add(
                    problem::UNKNOWN_KEY,
                    field.key_at,
                    format!("the first row has no column {}", names::quoted(field.key)),
                    "not in every row",
                )
                .maybe_help(names::help(field.key, &known));
        }
    }
}

fn is_rows(key: &Node) -> bool {
    matches!(&key.kind, Kind::Text(name) if name == ROWS)
}

/// The file without its rows.
fn without_rows(root: &Node) -> Node {
    let mut root = root.clone();
    if let Kind::Map(entries) = &mut root.kind {
        entries.retain(|(key, _)| !is_rows(key));
    }
    root
}
