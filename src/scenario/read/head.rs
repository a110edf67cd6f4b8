//! The head of a scenario: its name, what it covers, its tags and its users.

use std::ops::Range;
use std::path::Path;

use super::Reader;
use super::fields::{Field, Fields};
use super::operators::{OPERATORS, Place};
use crate::lifecycle::requirements::{REQUIREMENTS, requirement};
use crate::scenario::names;
use crate::scenario::plan::{Scenario, Step, User};
use crate::scenario::problem;
use crate::scenario::tree::{Kind, Node};

pub(super) const KEYS: [&str; 7] = [
    "scenario", "covers", "tags", "users", "offline", "rows", "steps",
];
pub(super) const USER_KEYS: [&str; 3] = ["bytes", "suffix", "same_as"];

/// How many bytes a user id may be padded to: enough to be far over the limit (LIM-3).
const ID_BYTES_MAX: usize = 64 * 1024;

impl Reader<'_> {
    /// The whole file.
    pub(super) fn scenario(&mut self, file: &Path, root: &Node) -> Option<Scenario> {
        let Kind::Map(entries) = &root.kind else {
            self.wrong_shape(
                root,
                "a scenario, which is a mapping with the key `scenario`",
            );
            return None;
        };
        let mut fields = Fields::of(&mut self.log, entries);
        fields.only(&mut self.log, &KEYS, "a scenario");
        // What is missing is told at the first key.
        let start = fields
            .all
            .first()
            .map_or(0..0, |field| field.key_at.clone());
        let name = self.needed(&fields, "scenario", &start, "a scenario");
        let covers = self.needed(&fields, "covers", &start, "a scenario");
        let users = self.needed(&fields, "users", &start, "a scenario");
        let steps = self.needed(&fields, "steps", &start, "a scenario");

        let name = name.and_then(|field| self.word(field.value, "what the scenario promises"));
        let covers = covers.map_or_else(Vec::new, |field| self.covers(field));
        let tags = fields
            .get("tags")
            .map_or_else(Vec::new, |field| self.words(field, "tag", true));
        if let Some(field) = users {
            self.users(field);
        }
        if let Some(field) = fields.get("offline") {
            for (name, node) in self.words(field, "user", true) {
                let user = self.user(name, &node.span);
                if let Some(user) = user.and_then(|user| self.users.get_mut(user)) {
                    user.online = false;
                }
            }
        }
        if let Some(field) = users {
            self.one_device_online(field);
        }
        let steps = steps.map_or_else(Vec::new, |field| self.all_steps(field));
        Some(Scenario {
            file: file.to_path_buf(),
            name: name?.to_owned(),
            covers,
            tags: tags.into_iter().map(|(tag, _)| tag.to_owned()).collect(),
            users: std::mem::take(&mut self.users),
            invitations: self.labels.invitations()?,
            steps,
        })
    }

    fn covers(&mut self, field: Field<'_>) -> Vec<String> {
        let ids: Vec<&str> = REQUIREMENTS.iter().map(|known| known.id).collect();
        let mut covers = Vec::new();
        for (id, node) in self.words(field, "requirement", false) {
            if requirement(id).is_some() {
                covers.push(id.to_owned());
                continue;
            }
            let help = names::nearest(id, ids.iter().copied())
                .map(|near| format!("did you mean `{near}`?"));
            self.log
                .add(
                    problem::UNKNOWN_REQUIREMENT,
                    &node.span,
                    format!("no requirement has the id {}", names::quoted(id)),
                    "unknown requirement",
                )
                .maybe_help(help);
        }
        covers
    }

    /// Declares the users.
    fn users(&mut self, field: Field<'_>) {
        self.users_at = field.value.span.clone();
        let Kind::List(nodes) = &field.value.kind else {
            self.wrong_shape(field.value, "a list of users");
            return;
        };
        if nodes.is_empty() {
            self.empty_list(field);
        }
        let mut declared: Vec<(&str, &Node, Option<Fields<'_>>)> = Vec::new();
        for node in nodes {
            let Some((name, at, options)) = self.declared(node) else {
                continue;
            };
            self.user_name_is_good(name, &at.span);
            match declared.iter().find(|(first, ..)| *first == name) {
                Some((_, first, _)) => self.twice("user", name, &at.span, &first.span),
                None => declared.push((name, at, options)),
            }
        }
        // All names first: `same_as` may name a user that is declared below.
        for (name, ..) in &declared {
            self.users.push(User {
                name: (*name).to_owned(),
                same_as: None,
                suffix: String::new(),
                bytes: None,
                online: true,
            });
        }
        for (index, (_, _, options)) in declared.iter().enumerate() {
            if let Some(options) = options {
                self.user_options(index, options);
            }
        }
        self.devices(&declared);
    }

    /// One entry of `users`: its name, where that stands, and its options.
    fn declared<'n>(&mut self, node: &'n Node) -> Option<(&'n str, &'n Node, Option<Fields<'n>>)> {
        const EXPECTED: &str = "a user: `NAME`, or `{ NAME: { OPTIONS } }`";
        let entries = match &node.kind {
            Kind::Text(_) => return Some((self.word(node, EXPECTED)?, node, None)),
            Kind::Map(entries) => entries,
            Kind::Nothing | Kind::Template(_) | Kind::List(_) => {
                self.wrong_shape(node, EXPECTED);
                return None;
            }
        };
        let [(name, options)] = entries.as_slice() else {
            self.log.add(
                problem::WRONG_SHAPE,
                &node.span,
                format!("expected {EXPECTED}, found {} keys", entries.len()),
                "expected one user",
            );
            return None;
        };
        let word = self.word(name, "the name of a user")?;
        let fields = match &options.kind {
            Kind::Map(entries) => {
                let mut fields = Fields::of(&mut self.log, entries);
                fields.only(&mut self.log, &USER_KEYS, "a user");
                Some(fields)
            }
            Kind::Nothing | Kind::Template(_) | Kind::Text(_) | Kind::List(_) => {
                self.wrong_shape(options, "the options of a user, as `{ bytes: 64 }`");
                None
            }
        };
        Some((word, name, fields))
    }

    fn user_name_is_good(&mut self, name: &str, at: &Range<usize>) {
        if OPERATORS.contains(&name) {
            self.log.add(
                problem::BAD_NAME,
                at,
                format!("`{name}` is a word of the language and cannot name a user"),
                "reserved",
            );
        } else if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            self.log
                .add(
                    problem::BAD_NAME,
                    at,
                    format!("{} is not a name", names::quoted(name)),
                    "letters, digits and `_` only",
                )
                .help("for an id with other characters write `{ NAME: { suffix: \"<#>\" } }`");
        }
    }

    fn user_options(&mut self, index: usize, options: &Fields<'_>) {
        let bytes = options
            .get("bytes")
            .and_then(|field| self.number(field.value, 1, ID_BYTES_MAX));
        let suffix = options
            .get("suffix")
            .and_then(|field| self.plain_text(field.value));
        let owner = options.get("same_as").and_then(|field| {
            let name = self.word(field.value, "the name of a user")?;
            self.user(name, &field.value.span)
        });
        if let Some(user) = self.users.get_mut(index) {
            user.bytes = bytes;
            user.suffix = suffix.unwrap_or_default();
            user.same_as = owner;
        }
        let Some(same_as) = options.get("same_as") else {
            return;
        };
        for other in [options.get("bytes"), options.get("suffix")]
            .into_iter()
            .flatten()
        {
            self.log.add_related(
                problem::AT_ODDS,
                other.key_at,
                format!("`same_as` and `{}` exclude each other", other.key),
                "shapes an id of its own",
                (same_as.key_at, "takes the id of another user".to_owned()),
            );
        }
    }

    /// Notes every `same_as` that does not lead to a user with an id of its own.
    fn devices(&mut self, declared: &[(&str, &Node, Option<Fields<'_>>)]) {
        for (index, (name, _, options)) in declared.iter().enumerate() {
            let same_as = options.as_ref().and_then(|options| options.get("same_as"));
            let owner = self.users.get(index).and_then(|user| user.same_as);
            let (Some(field), Some(owner)) = (same_as, owner) else {
                continue;
            };
            let of_owner = self.users.get(owner).and_then(|user| user.same_as);
            let message = if owner == index {
                format!("`{name}` is the same as itself")
            } else if let Some(further) = of_owner {
                let (owner, further) = (self.user_name(owner), self.user_name(further));
                format!("`{owner}` is itself the same as `{further}`")
            } else {
                continue;
            };
            self.log
                .add(
                    problem::BAD_DEVICE,
                    &field.value.span,
                    message,
                    "has no id of its own",
                )
                .help("name the user whose id it is");
        }
    }

    /// Notes devices of one user that would push each other out before the first step (SES-1).
    fn one_device_online(&mut self, field: Field<'_>) {
        for user in &self.users {
            let owner = user.same_as.and_then(|owner| self.users.get(owner));
            let Some(owner) = owner.filter(|owner| user.online && owner.online) else {
                continue;
            };
            if owner.name == user.name {
                continue;
            }
            self.log
                .add(
                    problem::BAD_DEVICE,
                    &field.value.span,
                    format!(
                        "`{}` and `{}` have one id and cannot both be logged in at the start",
                        owner.name, user.name
                    ),
                    "one of them must wait",
                )
                .help(format!("write `offline: [{}]`", user.name));
        }
    }

    /// All steps, and what must hold for them together.
    fn all_steps(&mut self, field: Field<'_>) -> Vec<Step> {
        let Kind::List(nodes) = &field.value.kind else {
            self.wrong_shape(field.value, "a list of steps");
            return Vec::new();
        };
        if nodes.is_empty() {
            self.empty_list(field);
            return Vec::new();
        }
        self.labels.collect(nodes);
        let steps = self.steps(nodes, Place::Top);
        self.unused_labels();
        if !self.demands {
            self.log
                .add(
                    problem::NO_DEMAND,
                    field.key_at,
                    "the scenario demands nothing",
                    "no step here demands anything",
                )
                .help("state a `result`, or add an `expect` or a `connection` step");
        }
        steps
    }
}
